import type { EncodedError, EncodedValue } from "../model/encoded.ts";
import { DeserializationError } from "../model/errors.ts";
import { describe, type Fields, optional, required } from "./json-fields.ts";

/**
 * An encoded error as received, its shape checked, its unknown fields left out.
 *
 * @throws DeserializationError
 */
export function readError(value: unknown): EncodedError {
  if (!isFields(value)) throw new DeserializationError(`An encoded error can't be ${describe(value)}.`);
  const error: { -readonly [K in keyof EncodedError]: EncodedError[K] } = {
    className: required(value, "className", isText),
    message: required(value, "message", isText),
  };
  for (const key of ["module", "name", "stack", "code"] as const) {
    const text = optional(value, key, isText);
    if (text !== undefined) error[key] = text;
  }
  const fields = optional(value, "fields", isFields);
  if (fields !== undefined) error.fields = valueOf(fields);
  const cause = optional(value, "cause", isFields);
  if (cause !== undefined) error.cause = Object.hasOwn(cause, "codec") ? valueOf(cause) : readError(cause);
  const errors = optional(value, "errors", Array.isArray);
  if (errors !== undefined) error.errors = errors.map((each) => readError(each));
  return error;
}

// --- Internal helpers ---

/** A value inside an error: its bytes are in its text. */
function valueOf(fields: Fields): EncodedValue {
  return { codec: required(fields, "codec", isText) === "devalue" ? "devalue" : "json", text: required(fields, "text", isText), parts: [] };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
