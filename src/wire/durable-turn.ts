import { DeserializationError } from "../model/errors.ts";
import type { Packed } from "./lambda-payload.ts";

/**
 * One handing-out of a durable call: what a Function is invoked with, and what is put into the queue of its App's
 * dispatcher. Whoever gets it takes the call's lease first, so one that comes twice, late or for nothing does nothing.
 */
export interface DurableTurn {
  readonly callId: string;
  readonly fn: string;
  /** The turn of the call's state; one that is over is ignored. */
  readonly turn: number;
  /** The encoded envelope, when it is small enough to come along; else it is in the call's row. */
  readonly input?: Packed | undefined;
}

/** The version that this Tenon writes and reads. */
const VERSION = 1;

/** Writes a turn as JSON. */
export function encodeDurableTurn({ callId, fn, turn, input }: DurableTurn): string {
  const along = input === undefined ? {} : { input: input.text, parts: input.parts.map((part) => Buffer.from(part).toString("base64")) };
  return JSON.stringify({ durable: VERSION, callId, fn, turn, ...along });
}

/**
 * Reads a turn from parsed JSON; `undefined` for anything that is none, such as an envelope.
 *
 * @throws DeserializationError for a turn of another version, or one that lacks a field.
 */
export function decodeDurableTurn(value: unknown): DurableTurn | undefined {
  if (typeof value !== "object" || value === null || !("durable" in value)) return undefined;
  const { durable, callId, fn, turn, input, parts } = value as Readonly<Record<string, unknown>>;
  if (durable !== VERSION || typeof callId !== "string" || typeof fn !== "string" || !Number.isSafeInteger(turn))
    throw new DeserializationError(
      `A durable turn of version ${JSON.stringify(durable)} can't be read; this Tenon reads version ${VERSION}.`,
      {
        hint: "Use one version of Tenon on both sides: deploy the App again, or update the caller.",
      },
    );
  const read = { callId, fn, turn: turn as number };
  if (typeof input !== "string") return read;
  return { ...read, input: { text: input, parts: ((parts ?? []) as readonly string[]).map((part) => Buffer.from(part, "base64")) } };
}

/**
 * Reads the turn in what Lambda hands on from a Function's queue: one message. `undefined` for anything else, also for a
 * message that can't be read: it must not come back for ever, and its call is told of again.
 */
export function decodeQueuedTurn(event: unknown): DurableTurn | undefined {
  const { Records } = Object(event) as { readonly Records?: readonly { readonly body?: unknown }[] };
  const body = Records?.[0]?.body;
  // Every plain call comes by here: it must not cost an exception.
  if (typeof body !== "string") return undefined;
  try {
    return decodeDurableTurn(JSON.parse(body));
  } catch {
    return undefined;
  }
}
