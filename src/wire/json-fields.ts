import { DeserializationError } from "../model/errors.ts";
import { MAX_NESTING } from "./limits.ts";
import { nestsTooDeep } from "./plain.ts";

/** The fields of a received JSON object; any may be absent or of any type. */
export type Fields = Readonly<Record<string, unknown>>;

/** Characters that stand in JSON text as they are; ids hold no others. */
const SAFE = /^[\w.:/@-]*$/;

/** A string as JSON text. */
export function quote(value: string): string {
  return SAFE.test(value) ? `"${value}"` : JSON.stringify(value);
}

/**
 * Parses text that must be a JSON object; `what` names it in errors.
 *
 * @throws DeserializationError
 */
export function parseObject(text: string, what: string): Fields {
  let value: unknown;
  try {
    // A few levels more than a value may have: the object around it.
    if (nestsTooDeep(text, 8)) throw new DeserializationError(`The ${what} nests deeper than ${MAX_NESTING} levels.`);
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof DeserializationError) throw error;
    throw new DeserializationError(
      `The ${text.length} characters received are no ${what}: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
        hint: "Send what Tenon wrote, whole: it was cut off or changed on the way, or something else made it.",
      },
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new DeserializationError(`A JSON object is expected as ${what}, not ${describe(value)}.`);
  return value as Fields;
}

/**
 * A field that may be absent.
 *
 * @throws DeserializationError when it is there and not of its type.
 */
export function optional<T>(fields: Fields, key: string, is: (value: unknown) => value is T): T | undefined {
  const value = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (value === undefined || value === null) return undefined;
  if (!is(value)) throw new DeserializationError(`The field ${key} can't be ${describe(value)}.`);
  return value;
}

/**
 * A field that must be there.
 *
 * @throws DeserializationError
 */
export function required<T>(fields: Fields, key: string, is: (value: unknown) => value is T): T {
  const value = optional(fields, key, is);
  if (value === undefined) throw new DeserializationError(`The field ${key} is missing.`);
  return value;
}

/** A received value in an error message: short, whatever it is. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
