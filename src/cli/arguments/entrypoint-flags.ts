import { parseArgs } from "node:util";
import { nearest } from "../../util/nearest.ts";
import { UsageError } from "../kit/failures.ts";
import { flagName, type FlagSpecs } from "../kit/flags.ts";

/** The value of one flag. */
export type FlagValue = string | number | boolean;
/** The values of an entrypoint's flags, by name. */
export type FlagValues = Readonly<Record<string, FlagValue | readonly FlagValue[]>>;

/** One flag of an entrypoint: of its options, or of its schema. */
export interface EntrypointFlag {
  /** `value`: anything; the schema says what it is. */
  readonly type: "string" | "boolean" | "number" | "value";
  readonly short?: string | undefined;
  readonly multiple?: boolean | undefined;
  readonly default?: FlagValue | readonly FlagValue[] | undefined;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
}

/** What an entrypoint takes. */
export interface EntrypointTakes {
  readonly flags: Readonly<Record<string, EntrypointFlag>>;
  /** `null` when no positional arguments are taken. */
  readonly positionals: readonly string[] | null;
  /** Tenon's own flags, which go before the file. */
  readonly tenonFlags?: FlagSpecs;
}

/** The words after the file as they were read. */
export interface EntrypointArgs {
  /** One field per flag that was given. */
  readonly values: FlagValues;
  readonly positionals: readonly string[];
  readonly help: boolean;
}

/**
 * Reads an entrypoint's flags with the rules of `util.parseArgs`. Beside them: `number` values, `--no-x` for a boolean, and
 * `--max-words` for an option named `maxWords`.
 *
 * Throws `UsageError` for an unknown flag, a missing or wrong value, a missing flag that is required, and positionals where
 * none are taken.
 */
export function parseEntrypointArgs(words: readonly string[], takes: EntrypointTakes): EntrypointArgs {
  const names = writtenNames(takes.flags);
  const { config, ownHelp } = parserConfig(takes.flags, names);
  const { tokens } = parseArgs({ args: [...words], options: config, strict: false, allowPositionals: true, tokens: true });
  const values = Object.create(null) as Record<string, FlagValue | FlagValue[]>;
  const positionals: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (!ownHelp && token.name === "help") {
      help = true;
      continue;
    }
    const negated = negatedFlag(token, takes.flags, names);
    const name = negated ?? names.get(token.name);
    if (name === undefined) throw unknownFlag(token.rawName, names, takes.tenonFlags ?? {});
    const flag = takes.flags[name]!;
    const value = negated === undefined ? readValue(token.rawName, flag, token.value, token.inlineValue === true) : false;
    values[name] = flag.multiple === true ? [...((values[name] as FlagValue[] | undefined) ?? []), value] : value;
  }
  if (!help) checkComplete(values, positionals, takes);
  return { values, positionals, help };
}

/** The values with the defaults of those that were not given. Lists are copied: the entrypoint may change its own. */
export function withDefaults(values: FlagValues, flags: EntrypointTakes["flags"]): FlagValues {
  const filled: Record<string, FlagValue | readonly FlagValue[]> = { ...values };
  for (const [name, { default: usual }] of Object.entries(flags))
    if (!Object.hasOwn(filled, name) && usual !== undefined) filled[name] = typeof usual === "object" ? [...usual] : usual;
  return filled;
}

/** Throws `UsageError` when there are positional arguments; `more` is said too. */
export function refusePositionals(positionals: readonly string[], more = ""): void {
  if (positionals.length === 0) return;
  throw new UsageError(`Unexpected argument: "${positionals[0]}". This entrypoint takes flags only.${more}`, {
    hint: "Write --name value, or leave it out.",
  });
}

/** Why a flag is refused: it is Tenon's own in the wrong place, it is mistyped, or it is unknown. */
export function unknownFlag(rawName: string, names: ReadonlyMap<string, string> | null, tenonFlags: FlagSpecs): UsageError {
  const word = rawName.replace(/^-+/, "");
  const own = Object.entries(tenonFlags).find(([name, { short }]) => word === flagName(name) || word === short);
  const close = names === null ? undefined : nearest(word, names.keys());
  if (own !== undefined)
    return new UsageError(`Unknown flag: ${rawName}. The flags after the file are the entrypoint's.`, {
      hint: `Write Tenon's own flags before the file: tenon run ${rawName} app.ts.`,
    });
  if (close !== undefined) return new UsageError(`Unknown flag: ${rawName}.`, { hint: `Write --${flagName(names?.get(close) ?? close)}.` });
  return new UsageError(`Unknown flag: ${rawName}.${names === null ? "" : ` ${flagList(names)}`}`, {
    hint: "Leave it out, or run the file with --help.",
  });
}

// --- Internal helpers ---

type ParserConfig = Record<string, { type: "string" | "boolean"; short?: string }>;

/** Every name that a flag may be written by, without dashes, and the flag that it means. */
function writtenNames(flags: EntrypointTakes["flags"]): ReadonlyMap<string, string> {
  return new Map(Object.keys(flags).flatMap((name) => [[flagName(name), name] as const, [name, name] as const]));
}

/** `ownHelp`: the entrypoint has a flag named help. */
function parserConfig(
  flags: EntrypointTakes["flags"],
  names: ReadonlyMap<string, string>,
): { readonly config: ParserConfig; readonly ownHelp: boolean } {
  const config: ParserConfig = {};
  for (const [written, name] of names) {
    const { type, short } = flags[name]!;
    config[written] = {
      type: type === "boolean" ? "boolean" : "string",
      ...(short !== undefined && written === flagName(name) ? { short } : {}),
    };
  }
  const ownHelp = names.has("help");
  const isFree = !Object.values(flags).some(({ short }) => short === "h");
  if (!ownHelp) config["help"] = { type: "boolean", ...(isFree ? { short: "h" } : {}) };
  return { config, ownHelp };
}

/** The boolean flag that `--no-x` turns off. */
function negatedFlag(
  { name, value }: { readonly name: string; readonly value: string | undefined },
  flags: EntrypointTakes["flags"],
  names: ReadonlyMap<string, string>,
): string | undefined {
  if (names.has(name) || !name.startsWith("no-") || value !== undefined) return undefined;
  const flag = names.get(name.slice(3));
  return flag !== undefined && flags[flag]?.type === "boolean" ? flag : undefined;
}

function readValue(rawName: string, { type }: EntrypointFlag, text: string | undefined, inline: boolean): FlagValue {
  if (type === "boolean") {
    if (text === undefined) return true;
    throw new UsageError(`${rawName} takes no value: "${text}".`, {
      hint: `Write ${rawName} for yes, ${rawName.replace(/^--/, "--no-")} for no.`,
    });
  }
  if (text === undefined) throw new UsageError(`${rawName} has no value. It takes a ${type}.`, { hint: `Write ${rawName} <${type}>.` });
  if (type === "number") {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (!Number.isNaN(number)) return number;
    throw new UsageError(`Invalid value of ${rawName}: "${text}". It must be a number.`, { hint: `Write digits, such as ${rawName} 10.` });
  }
  if (inline || !/^-./.test(text)) return text;
  throw new UsageError(`${rawName} has no value, but a flag follows it: "${text}".`, {
    hint: `Write ${rawName}=${text} for a value that begins with "-".`,
  });
}

function checkComplete(values: FlagValues, positionals: readonly string[], takes: EntrypointTakes): void {
  const missing = Object.entries(takes.flags).filter(([name, { required }]) => required === true && !Object.hasOwn(values, name));
  if (missing.length > 0) {
    const written = missing.map(([name, { type }]) => `--${flagName(name)}${type === "boolean" ? "" : ` <${type}>`}`);
    throw new UsageError(`${missing.length === 1 ? "Missing flag" : "Missing flags"}: ${written.join(", ")}.`, {
      hint: "Add what is missing, or run the file with --help.",
    });
  }
  if (takes.positionals === null) refusePositionals(positionals, ` ${flagList(writtenNames(takes.flags))}`);
}

function flagList(names: ReadonlyMap<string, string>): string {
  const flags = [...new Set(names.values())].map((name) => `--${flagName(name)}`);
  return flags.length === 0 ? "This entrypoint has no flags." : `Its flags are ${flags.join(", ")}.`;
}
