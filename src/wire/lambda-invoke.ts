// The caller's side of an invocation of Lambda; `lambda-payload.ts` is the function's.
import { DeserializationError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { describe, type Fields, quote } from "./json-fields.ts";
import { base64List, isInline, type Packed, PARTS_KEY, readParts, RESULT_KEY } from "./lambda-payload.ts";
import { decodeResult } from "./result.ts";

/** What the answer of an invocation says: the result itself, or where it lies. */
export type LambdaResponse = { readonly result: AttemptResult } | { readonly s3: string };

/** The payload of an encoded envelope: its JSON, with `"parts":[base64…]` at the end. `null` when it is too large. */
export function packRequest(request: Packed): string | null {
  if (!isInline(request)) return null;
  const { text, parts } = request;
  return parts.length === 0 ? text : `${text.slice(0, -1)}${PARTS_KEY}${base64List(parts)}}`;
}

/** The payload of an input that lies in the bucket. */
export function requestByReference(callId: string, inputId: string, key: string): string {
  return `{"v":1,"callId":${quote(callId)},"inputId":${quote(inputId)},"s3":${quote(key)}}`;
}

/**
 * Reads the payload that an invocation answered with. The value is checked when it is decoded.
 *
 * @throws DeserializationError for anything that is no answer.
 */
export function readAnswer(payload: string): LambdaResponse {
  const end = payload.endsWith("]}") ? payload.lastIndexOf(PARTS_KEY) : -1;
  if (end > 0 && payload.startsWith(RESULT_KEY)) {
    // Base64 holds no quote, so the last list of this name is the answer's own.
    const parts = payload.slice(end + PARTS_KEY.length, -1);
    return { result: decodeResult(payload.slice(RESULT_KEY.length, end), parts === "[]" ? [] : readParts(parse(parts))) };
  }
  const fields = parse(payload) as Fields | null;
  if (typeof fields?.["s3"] === "string") return { s3: fields["s3"] };
  if (typeof fields?.["result"] === "object" && fields["result"] !== null)
    return { result: decodeResult(JSON.stringify(fields["result"]), readParts(fields["parts"])) };
  throw new DeserializationError(`A Lambda function answered with something other than a result: ${describe(fields)}.`, {
    hint: "Deploy the App again: what answered is no Function of Tenon, or one of another version.",
  });
}

// --- Internal helpers ---

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeserializationError(`The ${text.length} characters that a Lambda function answered with are no JSON.`, { cause });
  }
}
