import type { EncodedValue } from "../model/encoded.ts";
import { DeserializationError, VersionError } from "../model/errors.ts";
import { newCallId, newInputId } from "../model/ids.ts";
import { describe, type Fields, optional, parseObject, quote } from "./json-fields.ts";

/** The version of the envelope that this Tenon writes; it refuses any other with `VersionError`. */
export const ENVELOPE_VERSION = 1;

/** Who made the call. */
export interface Origin {
  readonly app: string;
  readonly version: string;
}

/** One input on its way to a container. */
export interface Envelope {
  readonly v: typeof ENVELOPE_VERSION;
  /** `fc-…`: the call, and the caller's idempotency key. */
  readonly callId: string;
  /** `in-…`: the input within the call. */
  readonly inputId: string;
  /** 1 for the first attempt; repeats of lost attempts keep their number. */
  readonly attempt: number;
  /** The argument list. */
  readonly args: EncodedValue;
  readonly method?: string;
  readonly params?: EncodedValue;
  /** Epoch milliseconds after which nobody waits for the outcome. */
  readonly deadline?: number;
  /** The input that made this call. */
  readonly parent?: string;
  /** The call at the top of the tree; its own id for a call from outside. */
  readonly root: string;
  /** 0 for a call from outside. */
  readonly depth: number;
  readonly origin?: Origin;
  readonly traceparent?: string;
}

/** What `decodeEnvelope` fills in for a hand-made envelope that has no ids. */
export interface NewIds {
  readonly newCallId: () => string;
  readonly newInputId: () => string;
}

/**
 * Writes an envelope: one JSON object as text, with the bytes of its values beside it.
 *
 * Plain arguments stand in it as they are. Others are marked `"codec":"devalue"`; their text, itself JSON, stands
 * in the same place. `args` comes last and `argsLength` (UTF-16 units) says how long it is, so that a reader
 * finds it without parsing it twice; a hand-made envelope needs neither.
 */
export function encodeEnvelope(envelope: Envelope): { text: string; parts: readonly Uint8Array[] } {
  const { args, params } = envelope;
  let text = `{"v":${ENVELOPE_VERSION},"callId":${quote(envelope.callId)},"inputId":${quote(envelope.inputId)},"attempt":${envelope.attempt}`;
  if (envelope.method !== undefined) text += `,"method":${quote(envelope.method)}`;
  if (envelope.deadline !== undefined) text += `,"deadline":${envelope.deadline}`;
  if (envelope.parent !== undefined) text += `,"parent":${quote(envelope.parent)}`;
  text += `,"root":${quote(envelope.root)},"depth":${envelope.depth}`;
  if (envelope.origin !== undefined) text += `,"origin":{"app":${quote(envelope.origin.app)},"version":${quote(envelope.origin.version)}}`;
  if (envelope.traceparent !== undefined) text += `,"traceparent":${quote(envelope.traceparent)}`;
  let parts = args.parts;
  if (params !== undefined) {
    if (params.codec !== "json") text += `,"paramsCodec":"${params.codec}"`;
    if (params.parts.length > 0) {
      text += `,"argsParts":${parts.length}`;
      parts = [...parts, ...params.parts];
    }
    text += `,"params":${params.text}`;
  }
  if (args.codec !== "json") text += `,"codec":"${args.codec}"`;
  text += `,"argsLength":${args.text.length}${ARGS}${args.text}}`;
  return { text, parts };
}

const ARGS = ',"args":';

/**
 * Reads an envelope: one that `encodeEnvelope` wrote, or hand-made JSON such as `{"args":["hi"]}`.
 *
 * Absent fields get the values of a fresh call from outside; unknown fields are passed over. The arguments are
 * checked when they are decoded.
 *
 * @throws VersionError for an envelope of another version.
 * @throws DeserializationError for anything that is no envelope.
 */
export function decodeEnvelope(text: string, parts: readonly Uint8Array[], ids: NewIds = { newCallId, newInputId }): Envelope {
  const start = text.indexOf(ARGS);
  if (start > 0) {
    const head = parseHead(text, start);
    // Only when the length agrees does the text end with the arguments and nothing else.
    if (head !== undefined && head.argsLength === text.length - start - ARGS.length - 1 && text.endsWith("}")) {
      return build(head, text.slice(start + ARGS.length, -1), parts, ids);
    }
  }
  return readEnvelope(parseObject(text, "envelope"), parts, ids);
}

/**
 * Reads an envelope from JSON that is parsed already, as Lambda hands it over; otherwise like {@link decodeEnvelope}.
 *
 * @throws VersionError for an envelope of another version.
 * @throws DeserializationError for anything that is no envelope.
 */
export function readEnvelope(whole: Fields, parts: readonly Uint8Array[], ids: NewIds = { newCallId, newInputId }): Envelope {
  checkVersion(whole.v);
  if (!Array.isArray(whole.args)) {
    throw new DeserializationError(`An envelope needs \`args\`, a list of arguments; it has ${describe(whole.args)}.`, {
      hint: 'Write at least {"args":["hi"]}.',
    });
  }
  return build(whole, JSON.stringify(whole.args), parts, ids);
}

function parseHead(text: string, end: number): Fields | undefined {
  try {
    return parseObject(`${text.slice(0, end)}}`, "envelope");
  } catch {
    return undefined;
  }
}

function build(fields: Fields, argsText: string, parts: readonly Uint8Array[], ids: NewIds): Envelope {
  checkVersion(fields.v);
  const callId = optional(fields, "callId", isId) ?? ids.newCallId();
  const cut = optional(fields, "argsParts", isCount) ?? parts.length;
  const envelope: { -readonly [K in keyof Envelope]: Envelope[K] } = {
    v: ENVELOPE_VERSION,
    callId,
    inputId: optional(fields, "inputId", isId) ?? ids.newInputId(),
    attempt: optional(fields, "attempt", isAttempt) ?? 1,
    args: { codec: codecOf(fields, "codec"), text: argsText, parts: cut === parts.length ? parts : parts.slice(0, cut) },
    root: optional(fields, "root", isId) ?? callId,
    depth: optional(fields, "depth", isCount) ?? 0,
  };
  const method = optional(fields, "method", isId);
  if (method !== undefined) envelope.method = method;
  if (fields.params !== undefined)
    envelope.params = { codec: codecOf(fields, "paramsCodec"), text: JSON.stringify(fields.params), parts: parts.slice(cut) };
  const deadline = optional(fields, "deadline", isTime);
  if (deadline !== undefined) envelope.deadline = deadline;
  const parent = optional(fields, "parent", isId);
  if (parent !== undefined) envelope.parent = parent;
  const origin = optional(fields, "origin", isOrigin);
  if (origin !== undefined) envelope.origin = { app: origin.app, version: origin.version };
  const traceparent = optional(fields, "traceparent", isId);
  if (traceparent !== undefined) envelope.traceparent = traceparent;
  return envelope;
}

function checkVersion(v: unknown): void {
  if (v === undefined || v === ENVELOPE_VERSION) return;
  throw new VersionError(
    `An envelope of version ${JSON.stringify(v).slice(0, 40)} arrived; this Tenon reads version ${ENVELOPE_VERSION}.`,
    {
      hint: "Use one version of Tenon on both sides: deploy the App again, or update the caller.",
    },
  );
}

function codecOf(fields: Fields, key: string): EncodedValue["codec"] {
  return optional(fields, key, isCodec) ?? "json";
}

const isCodec = (value: unknown): value is EncodedValue["codec"] => value === "json" || value === "devalue";
const isId = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isAttempt = (value: unknown): value is number => isCount(value) && value >= 1;
const isTime = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isOrigin = (value: unknown): value is Origin =>
  typeof value === "object" && value !== null && typeof (value as Origin).app === "string" && typeof (value as Origin).version === "string";
