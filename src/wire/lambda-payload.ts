import { DeserializationError } from "../model/errors.ts";
import { type Envelope, readEnvelope } from "./envelope.ts";
import { describe, type Fields } from "./json-fields.ts";

/**
 * Bytes of a payload up to which a value travels inside it, base64 included; a larger one goes through the bucket.
 *
 * Lambda takes 6 MB of request and of response; the rest is room for characters that JSON escapes once more.
 */
export const MAX_INLINE_BYTES = 4.5 * 1024 * 1024;

/** How an answer begins. */
export const RESULT_KEY = '{"result":';
/** What comes before the bytes, at the end of a payload. */
export const PARTS_KEY = ',"parts":';

/** Text with the bytes beside it, as `encodeEnvelope` and `encodeResult` make them. */
export interface Packed {
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** What the event of an invocation says: the input itself, or where it lies. */
export type LambdaRequest =
  | { readonly envelope: Envelope }
  | { readonly s3: string; readonly callId: string | undefined; readonly inputId: string | undefined };

/** What a handler returns, for Lambda to write as JSON. */
export type LambdaAnswer = { readonly result: unknown; readonly parts: readonly string[] } | { readonly s3: string };

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
      hint: 'Write at least {"args":["hi"]}.',
    });
  const fields = event as Fields;
  if (typeof fields["s3"] === "string" && fields["args"] === undefined)
    return { s3: fields["s3"], callId: textOf(fields["callId"]), inputId: textOf(fields["inputId"]) };
  return { envelope: readEnvelope(fields, readParts(fields["parts"])) };
}

/** The answer of an encoded result; `null` when it is too large. */
export function packAnswer(answer: Packed): LambdaAnswer | null {
  if (!isInline(answer)) return null;
  return { result: JSON.parse(answer.text) as unknown, parts: answer.parts.map(base64) };
}

/** {@link packAnswer} as the text that Lambda would make of it. */
export function packAnswerText(answer: Packed): string | null {
  return isInline(answer) ? `${RESULT_KEY}${answer.text}${PARTS_KEY}${base64List(answer.parts)}}` : null;
}

/** Whether a value travels inside a payload; a larger one goes through the bucket. */
export function isInline({ text, parts }: Packed): boolean {
  let bytes = FRAME_BYTES;
  for (const part of parts) bytes += 3 + Math.ceil(part.byteLength / 3) * 4;
  if (bytes + text.length > MAX_INLINE_BYTES) return false;
  // Counting characters in UTF-8 is only worth it near the limit.
  return bytes + text.length * 3 <= MAX_INLINE_BYTES || bytes + Buffer.byteLength(text) <= MAX_INLINE_BYTES;
}

/** The bytes of a payload, as JSON. */
export function base64List(parts: readonly Uint8Array[]): string {
  return `[${parts.map((part) => `"${base64(part)}"`).join(",")}]`;
}

/**
 * Reads what {@link base64List} wrote, parsed.
 *
 * @throws DeserializationError for anything else.
 */
export function readParts(value: unknown): readonly Uint8Array[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new DeserializationError(`The field parts can't be ${describe(value)}.`);
  return value.map((part: unknown) => {
    if (typeof part !== "string" || !BASE64.test(part))
      throw new DeserializationError(`The field parts holds ${describe(part)}, which is no base64.`);
    return Buffer.from(part, "base64");
  });
}

// --- Internal helpers ---

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
/** What a payload holds beside text and bytes. */
const FRAME_BYTES = 64;

function base64(part: Uint8Array): string {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64");
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
