import { parseArgs } from "node:util";
import type { EntrypointOption, EntrypointSpec } from "../../model/manifest.ts";
import { UsageError } from "../kit/failures.ts";
import { nearest } from "../../util/nearest.ts";

/** The words after the file, read by the entrypoint's own options. */
export interface EntrypointArgs {
  /** One field per option that was given or has a default. */
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  readonly help: boolean;
}

type Value = string | number | boolean;

/** The flag of an option as it is written and shown: `maxWords` is `--max-words`. */
export function flagName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, "");
}

/**
 * Reads an entrypoint's flags with the rules of `util.parseArgs`, and beside them: `number` values, `--no-x` for a
 * boolean, and `--max-words` for an option named `maxWords`.
 *
 * Throws `UsageError` for an unknown flag, a missing or wrong value, and positionals where none are taken.
 */
export function parseEntrypointArgs(words: readonly string[], spec: EntrypointSpec): EntrypointArgs {
  const options = spec.options ?? {};
  const known = new Map<string, string>();
  for (const name of Object.keys(options)) known.set(flagName(name), name).set(name, name);
  const config: Record<string, { type: "string" | "boolean"; short?: string }> = {};
  for (const [flag, name] of known) {
    const { type, short } = options[name]!;
    config[flag] = {
      type: type === "boolean" ? "boolean" : "string",
      ...(short !== undefined && flag === flagName(name) ? { short } : {}),
    };
  }
  const helpFree = !known.has("help");
  if (helpFree) {
    const shortFree = !Object.values(options).some((option) => option.short === "h");
    config["help"] = { type: "boolean", ...(shortFree ? { short: "h" } : {}) };
  }

  const { tokens } = parseArgs({ args: [...words], options: config, strict: false, allowPositionals: true, tokens: true });
  const values = Object.create(null) as Record<string, unknown>;
  const positionals: string[] = [];
  let help = false;
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    if (helpFree && token.name === "help") {
      help = true;
      continue;
    }
    const negated = !known.has(token.name) && token.name.startsWith("no-") ? known.get(token.name.slice(3)) : undefined;
    if (negated !== undefined && options[negated]!.type === "boolean" && token.value === undefined) {
      values[negated] = false;
      continue;
    }
    const name = known.get(token.name);
    if (name === undefined) throw unknownFlag(token.rawName, known);
    const option = options[name]!;
    const value = readValue(token.rawName, option, token.value, token.inlineValue === true);
    if (option.multiple === true) values[name] = [...((values[name] as Value[] | undefined) ?? []), value];
    else values[name] = value;
  }
  if (help) return { values, positionals, help };
  for (const [name, option] of Object.entries(options)) {
    if (!Object.hasOwn(values, name) && option.default !== undefined)
      values[name] = Array.isArray(option.default) ? [...option.default] : option.default;
  }
  if (spec.positionals === null && positionals.length > 0) {
    throw new UsageError(`unexpected argument "${positionals[0]}": this entrypoint takes flags only`, {
      hint: known.size === 0 ? `It has no flags either.` : `Its flags: ${flagList(known)}.`,
    });
  }
  return { values, positionals, help };
}

function readValue(rawName: string, option: EntrypointOption, text: string | undefined, inline: boolean): Value {
  if (option.type === "boolean") {
    if (text !== undefined)
      throw new UsageError(`${rawName} takes no value, got "${text}"`, {
        hint: `Write ${rawName} for yes, ${rawName.replace(/^--/, "--no-")} for no.`,
      });
    return true;
  }
  if (text === undefined) throw new UsageError(`${rawName} needs a ${option.type}`, { hint: `Write ${rawName} <${option.type}>.` });
  if (option.type === "number") {
    const number = text.trim() === "" ? Number.NaN : Number(text);
    if (Number.isNaN(number))
      throw new UsageError(`${rawName} needs a number, got "${text}"`, { hint: `Write it in digits, such as ${rawName} 10.` });
    return number;
  }
  if (!inline && /^-./.test(text)) {
    throw new UsageError(`${rawName} needs a string, got the flag "${text}"`, {
      hint: `For a value that begins with "-" write ${rawName}=${text}.`,
    });
  }
  return text;
}

function unknownFlag(rawName: string, known: ReadonlyMap<string, string>): UsageError {
  const close = nearest(rawName.replace(/^-+/, ""), known.keys());
  if (close !== undefined) return new UsageError(`unknown flag ${rawName}`, { hint: `Did you mean --${flagName(known.get(close)!)}?` });
  if (["--json", "--verbose", "--env", "-e", "--raw"].includes(rawName)) {
    return new UsageError(`unknown flag ${rawName}: the words after the file are the entrypoint's`, {
      hint: `Tenon's own flags go before the file: tenon run ${rawName} file.ts.`,
    });
  }
  return new UsageError(`unknown flag ${rawName}`, {
    hint: known.size === 0 ? "This entrypoint has no flags." : `Its flags: ${flagList(known)}.`,
  });
}

function flagList(known: ReadonlyMap<string, string>): string {
  return [...new Set([...known.values()].map((name) => `--${flagName(name)}`))].join(", ");
}
