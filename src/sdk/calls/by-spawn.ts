import { endError, initialCall, isEnded, transition } from "../../model/call-state.ts";
import { newCallId } from "../../model/ids.ts";
import type { InvokeParams } from "../../ports/functions.ts";
import { onAbort } from "../../util/on-abort.ts";
import { decode } from "../../wire/codec.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { decodeError } from "../../wire/error-codec.ts";
import type { CallPlace } from "./target.ts";

/** Whether a call of this Function takes longer than its caller may hold a connection. */
export function isTooLongToHold({ backend, spec }: CallPlace): boolean {
  const { farCaller } = backend.functions;
  return farCaller !== undefined && spec.timeoutMs > farCaller.longestHeldMs;
}

/**
 * A call by `remote` or `map` whose Function runs longer than a connection is held: it is spawned, and its outcome is
 * asked for. Retries are then the backend's. An abort cancels it there.
 */
export async function callByOutcome(place: CallPlace, envelope: Envelope, params: InvokeParams | undefined): Promise<unknown> {
  const { calls } = place.backend;
  const { callId } = envelope;
  const signal = params?.signal;
  if (signal?.aborted === true) {
    const ended = transition(initialCall(), { type: "cancel" }, place.spec.retries);
    if (isEnded(ended)) throw endError(ended, callId);
  }
  await calls.spawn(place.ref, envelope);
  const forget =
    signal === undefined
      ? undefined
      : onAbort(signal, () => {
          // Its caller has its error already; a cancel that fails leaves the call to its own end.
          calls.cancel(callId).catch(() => undefined);
        });
  try {
    const outcome = await calls.get(callId);
    if (outcome.status === "succeeded") return decode(outcome.value);
    throw decodeError(outcome.error);
  } finally {
    forget?.();
  }
}

/** An input of a map as a call of its own: the inputs share an id, which outcomes must not. */
export function ownCall(envelope: Envelope): Envelope {
  return { ...envelope, callId: newCallId() };
}
