import { MAX_LOSSES } from "./call-state.ts";
import type { CallEvent, EndedCall } from "./call-state.ts";
import { InputCancelledError, InternalFailure } from "./errors.ts";
import type { AttemptResult, Outcome } from "./outcome.ts";

/** Who holds a call while an attempt of it runs. */
export interface CallHolder {
  readonly delivery: number;
  readonly lease: string;
}

/** The event that tells the table of call states how the holder's attempt ended. */
export function attemptEnded({ delivery, lease }: CallHolder, result: AttemptResult, nowMs: number): CallEvent {
  const retryAfterMs = result.status === "not-started" ? result.retryAfterMs : undefined;
  return { type: "result", delivery, lease, status: result.status, nowMs, retryAfterMs };
}

/**
 * How a call ended: the outcome that its last attempt brought, or the error of what ended it otherwise.
 *
 * The error is an `InternalFailure` after too many losses and an `InputCancelledError` after a cancel. `result` is the last
 * attempt's, when there was one; a loss gives its reason to the error.
 */
export function outcomeOf(callId: string, state: EndedCall, result?: AttemptResult): Outcome | InternalFailure | InputCancelledError {
  if (state.by === "attempt" && result !== undefined && result.status !== "lost" && result.status !== "not-started") return result;
  if (state.by !== "losses") return new InputCancelledError(`Call ${callId} was cancelled.`);
  const last = result !== undefined && "reason" in result ? ` The last time: ${result.reason}.` : "";
  return new InternalFailure(
    `The platform lost call ${callId} ${state.losses} times. A call runs again after at most ${MAX_LOSSES} losses.${last}`,
    { hint: "Look for what ends the containers from outside: a memoryMiB that is too low, or a program that kills processes." },
  );
}
