import { attemptEnded, outcomeOf } from "../../model/call-outcome.ts";
import { initialCall, isEnded, transition } from "../../model/call-state.ts";
import type { CallState } from "../../model/call-state.ts";
import type { RetryPolicy } from "../../model/function-spec.ts";
import type { AttemptResult, Outcome } from "../../model/outcome.ts";
import { jittered } from "../../util/jitter.ts";

/** The holder of every delivery: the caller drives its own inputs alone. */
const CALLER = "caller";

/** The attempts of one input that this process drives, as the table of call states allows them. */
export class Attempts {
  readonly #callId: string;
  readonly #policy: RetryPolicy;
  #state: CallState = initialCall();

  constructor(callId: string, policy: RetryPolicy) {
    this.#callId = callId;
    this.#policy = policy;
  }

  /** Starts the next attempt and gives its number. Throws `InputCancelledError` for one that is not wanted any more. */
  start(cancelled: boolean): number {
    const { delivery } = this.#state;
    const event = cancelled ? ({ type: "cancel" } as const) : ({ type: "start", delivery, lease: CALLER, leaseUntilMs: null } as const);
    const state = (this.#state = transition(this.#state, event, this.#policy));
    if (isEnded(state)) throw outcomeOf(this.#callId, state);
    return state.attempt;
  }

  /**
   * What follows a result: the call's outcome, or milliseconds until the next attempt. Throws the error of a call that ends
   * in another way than by its last attempt.
   */
  end(result: AttemptResult): Outcome | number {
    const nowMs = Date.now();
    const { delivery } = this.#state;
    const state = (this.#state = transition(this.#state, attemptEnded({ delivery, lease: CALLER }, result, nowMs), this.#policy));
    if (isEnded(state)) {
      const outcome = outcomeOf(this.#callId, state, result);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    }
    const delayMs = state.status === "pending" ? Math.max(0, state.notBeforeMs - nowMs) : 0;
    return result.status === "not-started" ? jittered(delayMs) : delayMs;
  }
}
