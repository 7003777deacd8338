import type { EncodedValue } from "../model/encoded.ts";
import { DeserializationError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { readError } from "./error-shape.ts";
import { describe, optional, parseObject, required } from "./json-fields.ts";

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
      return { status, error: readError(fields.error) };
    case "lost":
      return { status, reason: required(fields, "reason", isText) };
    case "not-started":
      return { status, reason: required(fields, "reason", isText), retryAfterMs: required(fields, "retryAfterMs", isNumber) };
    default:
      throw new DeserializationError(`A result with the status ${describe(status)} is not known.`, {
        hint: "Use one version of Tenon on both sides.",
      });
  }
}

function success(codec: EncodedValue["codec"], text: string, parts: readonly Uint8Array[]): AttemptResult {
  return { status: "succeeded", value: { codec, text, parts } };
}

const isText = (value: unknown): value is string => typeof value === "string";
const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
