import { setTimeout as sleep } from "node:timers/promises";
import { endError, initialCall, isEnded, transition } from "../../model/call-state.ts";
import type { CallState } from "../../model/call-state.ts";
import { InternalFailure } from "../../model/errors.ts";
import { newCallId, newInputId } from "../../model/ids.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import { decode, encode } from "../../wire/codec.ts";
import { decodeError } from "../../wire/error-codec.ts";
import { refuseKind } from "./remote.ts";
import { callerSignal } from "./target.ts";
import type { CallTarget } from "./target.ts";
import type { CallSettings } from "./call-types.ts";
import { watchCall } from "./deadline.ts";
import { callHead, envelopeOf } from "./envelope.ts";

/**
 * One call of a generator: its items as they are made, then its return value.
 *
 * It is never retried. While no item has come, a lost container is free to be replaced; after that the loss is an
 * `InternalFailure`, since the items can't be taken back.
 */
export async function* callGenerator(
  target: CallTarget,
  args: readonly unknown[],
  settings: CallSettings = {},
): AsyncGenerator<unknown, unknown, void> {
  const place = await target.place();
  refuseKind(place, "generator", "remoteGen");
  const callId = settings.callId ?? newCallId();
  const deadline = settings.timeoutMs === undefined ? undefined : Date.now() + settings.timeoutMs;
  const envelope = envelopeOf(callHead(place, callId, deadline), newInputId(), encode(args, "args"));
  const watch = watchCall(callId, settings, callerSignal());
  let state: CallState = initialCall();
  let items = 0;
  try {
    for (;;) {
      state = transition(state, { type: "start", delivery: state.delivery, lease: "caller", leaseUntilMs: null }, NO_RETRIES);
      const stream = place.backend.functions.stream(
        place.ref,
        { ...envelope, attempt: Math.max(1, state.attempt) },
        { signal: watch.signal },
      );
      let open = true;
      try {
        let step = await watch.guard(stream.next());
        while (step.done !== true) {
          items++;
          yield decode(step.value);
          step = await watch.guard(stream.next());
        }
        open = false;
        const result = step.value;
        const nowMs = Date.now();
        const retryAfterMs = result.status === "not-started" ? result.retryAfterMs : 0;
        if (result.status === "lost" && items > 0) throw lostOnTheWay(callId, items, result.reason);
        state = transition(
          state,
          { type: "result", delivery: state.delivery, lease: "caller", status: result.status, nowMs, retryAfterMs },
          NO_RETRIES,
        );
        if (isEnded(state)) {
          if (result.status === "lost" || result.status === "not-started" || state.by !== "attempt")
            throw endError(state, callId, "reason" in result ? result.reason : undefined);
          if (result.status === "succeeded") return decode(result.value);
          throw decodeError(result.error);
        }
        if (result.status === "lost")
          place.sink?.({ code: "INPUT_LOST", app: place.ref.app, fn: place.ref.name, call: callId, reason: result.reason });
        if (retryAfterMs > 0) await watch.guard(sleep(retryAfterMs * (1 + Math.random() / 2)));
      } finally {
        if (open) await closeStream(stream, watch.error() !== undefined);
      }
    }
  } finally {
    watch.end();
  }
}

// --- Internal helpers ---

async function closeStream(stream: AsyncGenerator<unknown, unknown, void>, cancelled: boolean): Promise<void> {
  const closing = stream.return(undefined);
  // A cancelled stream closes once the backend has ended the input; the caller is told at once.
  if (cancelled) closing.catch(() => undefined);
  else await closing;
}

function lostOnTheWay(callId: string, items: number, reason: string): InternalFailure {
  return new InternalFailure(`Call ${callId} was lost by the platform after ${items} items: ${reason}.`, {
    hint: "A generator is not run again once items have been given; call remoteGen again from where it stopped.",
  });
}
