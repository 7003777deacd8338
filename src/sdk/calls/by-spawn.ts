import { OutputTimeoutError, ResourceExhaustedError } from "../../model/errors.ts";
import { newCallId } from "../../model/ids.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Backend } from "../../ports/backend.ts";
import { jittered } from "../../util/jitter.ts";
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
export function outcomeBySpawn<T>(call: OutgoingCall, envelope: Envelope, read: (outcome: Outcome) => T): Promise<T> {
  return spawned(call, envelope, ({ calls }, callId) => calls.get(callId), read);
}

/**
 * {@link outcomeBySpawn} for a body's own call that there is no room for. Callers that hold what their calls wait for would wait
 * for ever, so it rejects with `ResourceExhaustedError` when the call has not started after a while, and cancels it.
 */
export function outcomeWhenRoom<T>(call: OutgoingCall, envelope: Envelope, read: (outcome: Outcome) => T): Promise<T> {
  const waitMs = jittered(call.place.backend.functions.farCaller?.unstartedMs ?? 0);
  const get = async ({ calls }: Backend, callId: string): Promise<Outcome> => {
    try {
      return await calls.get(callId, { timeoutMs: waitMs });
    } catch (error) {
      if (!(error instanceof OutputTimeoutError)) throw error;
      const { state, attempt } = await calls.status(callId);
      // One that runs, or waits for its retry, will end by itself; one that has just ended has its outcome.
      if (state !== "pending" || attempt > 0) return calls.get(callId);
      await calls.cancel(callId);
      throw noRoom(call, waitMs, error);
    }
  };
  return spawned(call, envelope, get, read);
}

/** An input of a map as a call of its own: the inputs share a call id, and each has an outcome. */
export function ownCall(envelope: Envelope): Envelope {
  return { ...envelope, callId: newCallId() };
}

// --- Internal helpers ---

async function spawned<T>(
  { place, signal }: OutgoingCall,
  envelope: Envelope,
  get: (backend: Backend, callId: string) => Promise<Outcome>,
  read: (outcome: Outcome) => T,
): Promise<T> {
  const { calls } = place.backend;
  if (signal?.aborted === true) new Attempts(envelope.callId, place.spec.retries).start(true);
  const callId = await calls.spawn(place.ref, envelope);
  // The caller has its error already: a cancel that fails leaves the call to its own end.
  const forget = signal === undefined ? undefined : onAbort(signal, () => void calls.cancel(callId).catch(() => undefined));
  try {
    return read(await get(place.backend, callId));
  } finally {
    forget?.();
  }
}

function noRoom({ place, refusal }: OutgoingCall, waitedMs: number, cause: Error): ResourceExhaustedError {
  const { app, name } = place.ref;
  const why = refusal?.says ?? "The callers that wait may hold all of the account's concurrency, which is 10 for a new account.";
  return new ResourceExhaustedError(
    `A call of Function "${name}" of App "${app}" had no room, and had not started ${waitedMs} ms after it was spawned. ${why}`,
    {
      cause,
      hint:
        refusal?.hint ??
        "Ask AWS for more concurrent executions of Lambda (Service Quotas), or spawn the call and return, so that no container waits.",
    },
  );
}
