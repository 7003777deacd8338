import { InternalFailure } from "../../model/errors.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import { decode } from "../../wire/codec.ts";
import { valueOf } from "../../wire/final-outcome.ts";
import { Attempts } from "./attempts.ts";
import type { CallSettings } from "./call-types.ts";
import { OutgoingCall } from "./outgoing-call.ts";
import { refuseKind } from "./target.ts";
import type { CallTarget } from "./target.ts";

/**
 * One call of a generator: its items as they are made, then its return value.
 *
 * It is never retried. While no item has come, a lost container is replaced for free; after that the loss is an
 * `InternalFailure`, since the items can't be taken back.
 */
export async function* callGenerator(
  target: CallTarget,
  args: readonly unknown[],
  settings: CallSettings = {},
): AsyncGenerator<unknown, unknown, void> {
  const place = await target.place();
  refuseKind(place, "generator", "remoteGen");
  const { functions } = place.backend;
  const call = new OutgoingCall(place, settings);
  const envelope = call.envelope(args);
  const attempts = new Attempts(call.callId, NO_RETRIES);
  let items = 0;
  call.watch(settings);
  try {
    for (;;) {
      const attempt = attempts.start(false);
      const stream = functions.stream(place.ref, { ...envelope, attempt }, call.params);
      let step = { done: false } as Awaited<ReturnType<typeof stream.next>>;
      try {
        for (step = await call.guard(stream.next()); step.done !== true; step = await call.guard(stream.next())) {
          items++;
          yield decode(step.value);
        }
      } finally {
        if (step.done !== true) await closeStream(stream, call.early !== undefined);
      }
      const result = step.value;
      if (result.status === "lost" && items > 0) throw lostOnTheWay(call.callId, items, result.reason);
      const next = attempts.end(result);
      if (typeof next !== "number") return valueOf(next);
      call.report(result, attempt, next);
      await call.guard(call.pause(next));
    }
  } finally {
    call.end();
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
  return new InternalFailure(`The platform lost call ${callId} after ${items} items: ${reason}.`, {
    hint: "Call remoteGen again from where it stopped: a generator does not run again once items have been given.",
  });
}
