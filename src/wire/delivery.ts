import { DeserializationError } from "../model/errors.ts";
import type { Packed } from "./lambda-payload.ts";

/**
 * One handing-out of a durable call: what a Function is invoked with, and what is put into the queue of its App's
 * dispatcher. Its receiver acquires the call's lease first, so a delivery that comes twice or late does nothing.
 */
export interface Delivery {
  readonly callId: string;
  readonly fn: string;
  /** The delivery of the call's state; one that is over is ignored. */
  readonly delivery: number;
  /** The encoded envelope, when it is small enough to come along; else it is in the call's row. */
  readonly input?: Packed | undefined;
}

/** The version that this Tenon writes and reads. */
const VERSION = 1;

/** Writes a delivery as JSON. */
export function encodeDelivery({ callId, fn, delivery, input }: Delivery): string {
  const along = input === undefined ? {} : { input: input.text, parts: input.parts.map((part) => Buffer.from(part).toString("base64")) };
  return JSON.stringify({ durable: VERSION, callId, fn, delivery, ...along });
}

/**
 * Reads a delivery from parsed JSON; `undefined` for anything that is none, such as an envelope.
 *
 * @throws DeserializationError for a delivery of another version, or one that lacks a field.
 */
export function decodeDelivery(value: unknown): Delivery | undefined {
  if (typeof value !== "object" || value === null || !("durable" in value)) return undefined;
  const { durable, callId, fn, delivery, input, parts } = value as Readonly<Record<string, unknown>>;
  if (durable !== VERSION || typeof callId !== "string" || typeof fn !== "string" || !Number.isSafeInteger(delivery))
    throw new DeserializationError(
      `A durable delivery of version ${JSON.stringify(durable)} can't be read; this Tenon reads version ${VERSION}.`,
      {
        hint: "Use one version of Tenon on both sides: deploy the App again, or update the caller.",
      },
    );
  const read = { callId, fn, delivery: delivery as number };
  if (typeof input !== "string") return read;
  return { ...read, input: { text: input, parts: ((parts ?? []) as readonly string[]).map((part) => Buffer.from(part, "base64")) } };
}

/** A message of a Function's queue, as Lambda hands it on. */
export interface QueuedDelivery {
  readonly delivery: Delivery;
  /** The message itself: the name of its queue, and what SQS knows it by. `undefined` for one that was made by hand. */
  readonly message: { readonly queue: string; readonly receiptHandle: string } | undefined;
}

/**
 * Reads the delivery in what Lambda hands on from a Function's queue: one message. `undefined` for anything else, also for a
 * message that can't be read: it must not come back for ever, and its call is told of again.
 */
export function decodeQueuedDelivery(event: unknown): QueuedDelivery | undefined {
  const { Records } = Object(event) as { readonly Records?: readonly QueuedRecord[] };
  const { body, eventSourceARN, receiptHandle } = Records?.[0] ?? {};
  // Every plain call comes by here: it must not cost an exception.
  if (typeof body !== "string") return undefined;
  try {
    const delivery = decodeDelivery(JSON.parse(body));
    if (delivery === undefined) return undefined;
    const queue = String(eventSourceARN).split(":")[5];
    return { delivery, message: queue !== undefined && typeof receiptHandle === "string" ? { queue, receiptHandle } : undefined };
  } catch {
    return undefined;
  }
}

// --- Internal helpers ---

/** What Tenon reads of such a message. */
interface QueuedRecord {
  readonly body?: unknown;
  readonly eventSourceARN?: unknown;
  readonly receiptHandle?: unknown;
}
