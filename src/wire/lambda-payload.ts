import type { AttemptResult } from "../model/outcome.ts";
import { DeserializationError } from "../model/errors.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { createFrameReader } from "./frame-reader.ts";
import { createFrameWriter, FrameType } from "./frame.ts";
import { describe, type Fields, quote } from "./json-fields.ts";
import { decodeResult } from "./result.ts";

/**
 * Bytes of a payload up to which a value travels inside it, base64 included; a larger one goes through the bucket.
 *
 * Lambda takes 6 MB of request and of response; the rest is room for characters that JSON escapes once more.
 */
export const MAX_INLINE_BYTES = 4.5 * 1024 * 1024;

/** Text with the bytes beside it, as `encodeEnvelope` and `encodeResult` make them. */
export interface Packed {
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** What the event of an invocation says: the input itself, or where it lies. */
export type LambdaRequest =
  | { readonly envelope: Envelope }
  | { readonly s3: string; readonly callId: string | undefined; readonly inputId: string | undefined };

/** What the answer of an invocation says: the result itself, or where it lies. */
export type LambdaResponse = { readonly result: AttemptResult } | { readonly s3: string };

/** What a handler returns, for Lambda to write as JSON. */
export type LambdaAnswer = { readonly result: unknown; readonly parts: readonly string[] } | { readonly s3: string };

/** The payload of an encoded envelope: its JSON, with `"parts":[base64…]` at the end. `null` when it is too large. */
export function packRequest({ text, parts }: Packed): string | null {
  if (!fits(text, parts)) return null;
  return parts.length === 0 ? text : `${text.slice(0, -1)}${PARTS}${base64List(parts)}}`;
}

/** The payload of an input that lies in the bucket. */
export function requestByReference(callId: string, inputId: string, key: string): string {
  return `{"v":1,"callId":${quote(callId)},"inputId":${quote(inputId)},"s3":${quote(key)}}`;
}

/**
 * Reads the event of an invocation, which Lambda has parsed: a payload of this module, or hand-made JSON such as
 * `{"args":["hi"]}`.
 *
 * @throws VersionError for an envelope of another version.
 * @throws DeserializationError for anything else.
 */
export function readRequest(event: unknown): LambdaRequest {
  if (typeof event !== "object" || event === null || Array.isArray(event))
    throw new DeserializationError(`A JSON object is expected as envelope, not ${describe(event)}.`, {
      hint: 'The least there is: {"args":["hi"]}',
    });
  const fields = event as Fields;
  if (typeof fields["s3"] === "string" && fields["args"] === undefined)
    return { s3: fields["s3"], callId: textOf(fields["callId"]), inputId: textOf(fields["inputId"]) };
  return { envelope: readEnvelope(fields, readParts(fields["parts"])) };
}

/** The answer of an encoded result; `null` when it is too large. */
export function packAnswer({ text, parts }: Packed): LambdaAnswer | null {
  if (!fits(text, parts)) return null;
  return { result: JSON.parse(text) as unknown, parts: parts.map(base64) };
}

/** {@link packAnswer} as the text that Lambda would make of it. */
export function packAnswerText({ text, parts }: Packed): string | null {
  return fits(text, parts) ? `${RESULT}${text}${PARTS}${base64List(parts)}}` : null;
}

/**
 * Reads the payload that an invocation answered with. The value is checked when it is decoded.
 *
 * @throws DeserializationError for anything that is no answer.
 */
export function readAnswer(payload: string): LambdaResponse {
  const end = payload.endsWith("]}") ? payload.lastIndexOf(PARTS) : -1;
  if (end > 0 && payload.startsWith(RESULT)) {
    // Base64 holds no quote, so the last list of this name is the answer's own.
    const parts = payload.slice(end + PARTS.length, -1);
    return { result: decodeResult(payload.slice(RESULT.length, end), parts === "[]" ? [] : readParts(parse(parts))) };
  }
  const fields = parse(payload) as Fields | null;
  if (typeof fields?.["s3"] === "string") return { s3: fields["s3"] };
  if (typeof fields?.["result"] === "object" && fields["result"] !== null)
    return { result: decodeResult(JSON.stringify(fields["result"]), readParts(fields["parts"])) };
  throw new DeserializationError(`A Lambda function answered with something other than a result: ${describe(fields)}.`, {
    hint: "Deploy the App again: what answered is no Function of Tenon, or one of another version.",
  });
}

/** An object of the bucket: text and bytes in one frame. */
export function packObject({ text, parts }: Packed): Uint8Array {
  const writer = createFrameWriter();
  writer.add(FrameType.input, 0, text, parts);
  return Buffer.concat(writer.take());
}

/**
 * Reads what {@link packObject} made.
 *
 * @throws DeserializationError for anything else.
 */
export function unpackObject(bytes: Uint8Array): Packed {
  let found: Packed | undefined;
  createFrameReader((_type, _seq, text, parts) => {
    found = { text, parts };
  }).push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (found !== undefined) return found;
  throw new DeserializationError(`An object of ${bytes.byteLength} bytes in the bucket is cut off.`);
}

// --- Internal helpers ---

const RESULT = '{"result":';
const PARTS = ',"parts":';
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** What a payload holds beside text and bytes. */
const FRAME_BYTES = 64;

function fits(text: string, parts: readonly Uint8Array[]): boolean {
  let bytes = FRAME_BYTES;
  for (const part of parts) bytes += 3 + Math.ceil(part.byteLength / 3) * 4;
  if (bytes + text.length > MAX_INLINE_BYTES) return false;
  // Counting characters in UTF-8 is only worth it near the limit.
  return bytes + text.length * 3 <= MAX_INLINE_BYTES || bytes + Buffer.byteLength(text) <= MAX_INLINE_BYTES;
}

function base64(part: Uint8Array): string {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64");
}

function base64List(parts: readonly Uint8Array[]): string {
  return `[${parts.map((part) => `"${base64(part)}"`).join(",")}]`;
}

function readParts(value: unknown): readonly Uint8Array[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new DeserializationError(`The field parts can't be ${describe(value)}.`);
  return value.map((part: unknown) => {
    if (typeof part !== "string" || !BASE64.test(part))
      throw new DeserializationError(`The field parts holds ${describe(part)}, which is no base64.`);
    return Buffer.from(part, "base64");
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new DeserializationError(`The ${text.length} characters that a Lambda function answered with are no JSON.`, { cause });
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
