import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import type { EntrypointOption, EntrypointSpec } from "./manifest.ts";
import { checkName } from "./names.ts";
import { checkBoolean, checkOptionNames, checkOptionsObject } from "./option-checks.ts";

/** What a local entrypoint may say of its command line. */
export interface EntrypointParams {
  /** The name after `::` on the command line. @default "main" */
  readonly name?: string | undefined;
  /** Its flags, or a Standard Schema (zod, valibot) of the object they make. @default {} */
  readonly options?: Readonly<Record<string, EntrypointOption>> | object | undefined;
  /** Names of its positional arguments, in order. @default - none are taken */
  readonly positionals?: readonly string[] | undefined;
}

const KNOWN = ["name", "options", "positionals"];
const OPTION_KNOWN = ["type", "short", "multiple", "default", "description"];
const TYPES = ["string", "boolean", "number"];
const FLAG = /^[a-zA-Z][a-zA-Z0-9_-]*$/;

/** Whether a value is a Standard Schema: an object or a function with `~standard`. */
export function isStandardSchema(value: unknown): boolean {
  return ((typeof value === "object" && value !== null) || typeof value === "function") && "~standard" in value;
}

/**
 * A local entrypoint as declared, every part checked.
 *
 * Throws `InvalidError` for a wrong name, a flag that is not letters, digits, dashes and underscores, two that are
 * written alike (`maxWords` is `--max-words`), a type that is not `string`, `boolean` or `number`, a `short` of more than one
 * letter or given twice, a default of another type, and positional names given twice.
 */
export function resolveEntrypoint(params?: EntrypointParams): EntrypointSpec {
  const given = checkOptionsObject("localEntrypoint", params);
  checkOptionNames("localEntrypoint", given, {
    known: KNOWN,
    renamed: { args: "positionals", arguments: "positionals", flags: "options" },
  });
  const name = given["name"] === undefined ? "main" : checkName("entrypoint", given["name"]);
  const what = `Entrypoint "${name}"`;
  const positionals = given["positionals"] === undefined ? null : checkPositionals(what, given["positionals"]);
  if (isStandardSchema(given["options"])) return { name, positionals };
  return { name, positionals, options: checkFlags(what, given["options"]) };
}

// --- Internal helpers ---

function checkFlags(what: string, options: unknown): Readonly<Record<string, EntrypointOption>> {
  const shorts = new Map<string, string>();
  const flags: [string, EntrypointOption][] = [];
  for (const [flag, option] of Object.entries(checkOptionsObject(what, options))) {
    if (!FLAG.test(flag))
      throw new InvalidError(
        `${what}: the flag is ${showValue(flag)}. It must be letters, digits, dashes and underscores, and begin with a letter.`,
      );
    const clash = flags.find(([other]) => written(other) === written(flag));
    if (clash !== undefined)
      throw new InvalidError(`${what}: the flags "${clash[0]}" and "${flag}" are both written --${written(flag)}.`, {
        hint: "Rename one of them.",
      });
    flags.push([flag, checkFlag(`${what}: --${flag}`, flag, option, shorts)]);
  }
  return Object.fromEntries(flags);
}

/** A flag as the command line has it. */
function written(flag: string): string {
  return flag.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`).replace(/^-/, "");
}

function checkFlag(what: string, flag: string, option: unknown, shorts: Map<string, string>): EntrypointOption {
  const given = checkOptionsObject(what, option);
  checkOptionNames(what, given, { known: OPTION_KNOWN, renamed: { alias: "short", help: "description" } });
  const { type, short, multiple, description } = given;
  if (typeof type !== "string" || !TYPES.includes(type)) {
    throw new InvalidError(`${what}: type is ${showValue(type)}. It must be "string", "boolean" or "number".`, {
      hint: 'Write { type: "string" }.',
    });
  }
  if (short !== undefined) checkShort(what, flag, short, shorts);
  if (multiple !== undefined) checkBoolean(what, "multiple", multiple);
  if (description !== undefined && typeof description !== "string")
    throw new InvalidError(`${what}: description is ${showValue(description)}. It must be a string.`);
  if (given["default"] !== undefined) checkDefault(what, type, multiple === true, given["default"]);
  // Fields given as undefined are left out: a spec is JSON.
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as EntrypointOption;
}

function checkShort(what: string, flag: string, short: unknown, shorts: Map<string, string>): void {
  if (typeof short !== "string" || !/^[a-zA-Z]$/.test(short))
    throw new InvalidError(`${what}: short is ${showValue(short)}. It must be one letter.`);
  const taken = shorts.get(short);
  if (taken !== undefined)
    throw new InvalidError(`${what}: short "${short}" is taken by --${taken}.`, { hint: "Take another letter, or leave short out." });
  shorts.set(short, flag);
}

function checkDefault(what: string, type: string, multiple: boolean, value: unknown): void {
  const values: readonly unknown[] = multiple && Array.isArray(value) ? value : [value];
  if (multiple === Array.isArray(value) && values.every((one) => typeof one === type && !Number.isNaN(one))) return;
  throw new InvalidError(
    `${what}: default is ${showValue(value)}. It must be ${multiple ? `an array of ${type}s, as multiple is true` : `a ${type}`}.`,
  );
}

function checkPositionals(what: string, positionals: unknown): readonly string[] {
  const names: readonly unknown[] | null = Array.isArray(positionals) ? positionals : null;
  const fits = names?.every((name, index) => typeof name === "string" && FLAG.test(name) && names.indexOf(name) === index) ?? false;
  if (fits) return [...(names as readonly string[])];
  throw new InvalidError(
    `${what}: positionals is ${Array.isArray(positionals) ? JSON.stringify(positionals) : showValue(positionals)}. It must be an array of different names, each letters, digits, dashes and underscores.`,
    {
      hint: 'Write positionals: ["source", "target"].',
    },
  );
}
