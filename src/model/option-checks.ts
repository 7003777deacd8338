import { nearest } from "../util/nearest.ts";
import { showNumber, showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";

/** The words that one options object understands, and what it says to others. */
export interface OptionNames {
  readonly known: readonly string[];
  /** Old or foreign names, each with the option that took its place. */
  readonly renamed?: Readonly<Record<string, string>>;
  /** Names of what is written in another way: the sentence that says how. */
  readonly elsewhere?: Readonly<Record<string, string>>;
  /** Modal's options that this version of Tenon does not have. */
  readonly missing?: readonly string[];
}

/** The range of a number, for a check and for its message. */
export interface NumberRange {
  readonly min: number;
  readonly max: number;
  /** What one is, such as `milliseconds`. */
  readonly unit?: string;
  readonly integer?: boolean;
  /** What to do, when the general hint would not help. */
  readonly hint?: string | undefined;
}

/** The options as an object with string keys; throws `InvalidError` for anything else. Absent options are `{}`. */
export function checkOptionsObject(what: string, options: unknown): Readonly<Record<string, unknown>> {
  if (options === undefined) return {};
  if (isPlainObject(options)) return options;
  throw new InvalidError(`${what}: the options are ${showValue(options)}. They must be a plain object.`, {
    hint:
      typeof options === "function" ? "Write the options before the function." : "Write the options as { name: value }, or leave them out.",
  });
}

/** Throws `InvalidError` for the first option that is not known, with its new name, or the nearest known one. */
export function checkOptionNames(what: string, options: Readonly<Record<string, unknown>>, names: OptionNames): void {
  for (const name of Object.keys(options)) {
    if (!names.known.includes(name)) throw unknownOption(what, name, names);
  }
}

/** The value when it is a number within the range; throws `InvalidError` with the value and the range. */
export function checkNumber(what: string, name: string, value: unknown, range: NumberRange): number {
  const fits =
    typeof value === "number" && value >= range.min && value <= range.max && (range.integer === false || Number.isInteger(value));
  if (fits) return value;
  const kind = range.integer === false ? "a number" : "an integer";
  const unit = range.unit === undefined ? "" : ` ${range.unit}`;
  throw new InvalidError(
    `${what}: ${name} is ${showValue(value)}. It must be ${kind} from ${showNumber(range.min)} to ${showNumber(range.max)}${unit}.`,
    { hint: range.hint },
  );
}

/** The value when it is `true` or `false`; throws `InvalidError` otherwise. */
export function checkBoolean(what: string, name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw new InvalidError(`${what}: ${name} is ${showValue(value)}. It must be true or false.`);
}

/** Whether a value is an object literal, or one that JSON could have made. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // A prototype of another realm (a Vitest worker, a vm context) is recognised by having none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

// --- Internal helpers ---

function unknownOption(what: string, name: string, names: OptionNames): InvalidError {
  const renamed = own(names.renamed, name) ?? camelCased(name, names.known);
  if (renamed !== undefined)
    return new InvalidError(`${what}: \`${name}\` is now \`${renamed}\`.`, { hint: `Write \`${renamed}\` in its place.` });
  const sentence = own(names.elsewhere, name);
  if (sentence !== undefined) return new InvalidError(`${what}: \`${name}\` is not an option. ${sentence}`);
  const known = `The options are ${names.known.join(", ")}.`;
  if (names.missing?.includes(name) === true || camelCased(name, names.missing ?? []) !== undefined) {
    return new InvalidError(`${what}: this version of Tenon does not have the option \`${name}\`. ${known}`, {
      hint: `Leave \`${name}\` out.`,
    });
  }
  const near = nearest(name, names.known);
  return new InvalidError(`${what}: there is no option \`${name}\`. ${known}`, {
    hint: near === undefined ? undefined : `Write \`${near}\` if that is the one you mean.`,
  });
}

/** The option that a snake_case name stands for, with or without its unit: `max_delay` is `maxDelayMs`. */
function camelCased(name: string, known: readonly string[]): string | undefined {
  const camel = name.replaceAll(/_+([a-z])/g, (_, letter: string) => letter.toUpperCase());
  return known.find(
    (option) =>
      option !== name &&
      (option === camel || option === `${camel}Ms` || option === `${camel}MiB` || option.toLowerCase() === camel.toLowerCase()),
  );
}

function own(table: Readonly<Record<string, string>> | undefined, name: string): string | undefined {
  return table !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
