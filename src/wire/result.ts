import type { EncodedError, EncodedValue } from "../model/encoded.ts";
import { DeserializationError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { describe, type Fields, optional, parseObject, required } from "./json-fields.ts";

const JSON_VALUE = '{"status":"succeeded","value":';
const RICH_VALUE = '{"status":"succeeded","codec":"devalue","value":';

/**
 * Writes how an attempt ended: one JSON object as text, with the bytes of its value beside it.
 *
 * The value stands last, as the JSON that it is.
 */
export function encodeResult(result: AttemptResult): { text: string; parts: readonly Uint8Array[] } {
  if (result.status === "succeeded") {
    const { codec, text, parts } = result.value;
    return { text: `${codec === "json" ? JSON_VALUE : RICH_VALUE}${text}}`, parts };
  }
  return { text: JSON.stringify(result), parts: [] };
}

/**
 * Reads what `encodeResult` wrote. The value is checked when it is decoded.
 *
 * @throws DeserializationError for anything that is no result.
 */
export function decodeResult(text: string, parts: readonly Uint8Array[]): AttemptResult {
  if (text.startsWith(JSON_VALUE) && text.endsWith("}")) return success("json", text.slice(JSON_VALUE.length, -1), parts);
  if (text.startsWith(RICH_VALUE) && text.endsWith("}")) return success("devalue", text.slice(RICH_VALUE.length, -1), parts);
  const fields = parseObject(text, "result");
  const status = required(fields, "status", isText);
  switch (status) {
    case "succeeded":
      return success(optional(fields, "codec", isText) === "devalue" ? "devalue" : "json", JSON.stringify(fields.value ?? null), parts);
    case "failed":
    case "timed-out":
    case "cancelled":
      return { status, error: errorOf(fields.error, 0) };
    case "lost":
      return { status, reason: required(fields, "reason", isText) };
    case "not-started":
      return { status, reason: required(fields, "reason", isText), retryAfterMs: required(fields, "retryAfterMs", isNumber) };
    default:
      throw new DeserializationError(`A result with the status ${describe(status)} is not known.`, { hint: "Use one version of Tenon on both sides." });
  }
}

function success(codec: EncodedValue["codec"], text: string, parts: readonly Uint8Array[]): AttemptResult {
  return { status: "succeeded", value: { codec, text, parts } };
}

/** An error as received, its shape checked, its unknown fields left out. */
function errorOf(value: unknown, depth: number): EncodedError {
  if (!isFields(value)) throw new DeserializationError(`An encoded error can't be ${describe(value)}.`);
  const error: { -readonly [K in keyof EncodedError]: EncodedError[K] } = {
    className: required(value, "className", isText),
    message: required(value, "message", isText),
  };
  for (const key of ["name", "stack", "code"] as const) {
    const text = optional(value, key, isText);
    if (text !== undefined) error[key] = text;
  }
  const fields = optional(value, "fields", isFields);
  if (fields !== undefined) error.fields = valueOf(fields);
  const cause = optional(value, "cause", isFields);
  if (cause !== undefined) error.cause = Object.hasOwn(cause, "codec") ? valueOf(cause) : errorOf(cause, depth + 1);
  const errors = optional(value, "errors", Array.isArray);
  if (errors !== undefined) error.errors = errors.map((each) => errorOf(each, depth + 1));
  return error;
}

/** A value inside an error: its bytes are in its text. */
function valueOf(fields: Fields): EncodedValue {
  return { codec: required(fields, "codec", isText) === "devalue" ? "devalue" : "json", text: required(fields, "text", isText), parts: [] };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isFields = (value: unknown): value is Fields => typeof value === "object" && value !== null && !Array.isArray(value);
