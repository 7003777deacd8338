import { newCallId } from "../../model/ids.ts";
import type { Outcome } from "../../model/outcome.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { Attempts } from "./attempts.ts";
import type { OutgoingCall } from "./outgoing-call.ts";
import type { CallPlace } from "./target.ts";

/**
 * Whether `remote` and `map` spawn calls of this Function and ask for their outcome: one attempt may take longer than a
 * caller on a network holds a connection.
 */
export function goesBySpawn({ backend, spec }: CallPlace): boolean {
  const { farCaller } = backend.functions;
  return farCaller !== undefined && spec.timeoutMs > farCaller.longestHeldMs;
}

/**
 * Spawns one input and gives what `read` makes of its outcome. Its retries are the backend's. An abort of the call's signal
 * cancels it there. `envelope` must have a call id that no other input has: see {@link ownCall}.
 */
export async function outcomeBySpawn<T>({ place, signal }: OutgoingCall, envelope: Envelope, read: (outcome: Outcome) => T): Promise<T> {
  const { calls } = place.backend;
  if (signal?.aborted === true) new Attempts(envelope.callId, place.spec.retries).start(true);
  const callId = await calls.spawn(place.ref, envelope);
  // The caller has its error already: a cancel that fails leaves the call to its own end.
  const forget = signal === undefined ? undefined : onAbort(signal, () => void calls.cancel(callId).catch(() => undefined));
  try {
    return read(await calls.get(callId));
  } finally {
    forget?.();
  }
}

/** An input of a map as a call of its own: the inputs share a call id, and each has an outcome. */
export function ownCall(envelope: Envelope): Envelope {
  return { ...envelope, callId: newCallId() };
}
