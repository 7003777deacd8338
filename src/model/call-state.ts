import type { RetryPolicy } from "./function-spec.ts";
import type { AttemptResult, Outcome } from "./outcome.ts";
import { nextRetryDelayMs } from "./retry-policy.ts";

/** How often one call may be lost by the platform and run again for free; the next loss ends it with `InternalFailure`. */
export const MAX_LOSSES = 8;

interface Counted {
  /** Attempts that count against the retries, the running one included; 0 before the first start. */
  readonly attempt: number;
  /** Times the platform lost it. */
  readonly losses: number;
  /**
   * Which handing-out of the call this is, from 1. It grows each time the call waits again, so every start, also
   * of an attempt that was lost and keeps its number, has a delivery of its own.
   */
  readonly delivery: number;
}

/** Waits for a container. */
export interface PendingCall extends Counted {
  readonly status: "pending";
  /** Epoch milliseconds before which it is not handed out; 0 for at once. */
  readonly notBeforeMs: number;
}

/** One attempt of it runs, in the hands of the one holder of the lease. */
export interface RunningCall extends Counted {
  readonly status: "running";
  /** The holder's token. */
  readonly lease: string;
  /** Epoch milliseconds; `null` when the holder's end is noticed in another way, such as a closed channel. */
  readonly leaseUntilMs: number | null;
  readonly cancelRequested: boolean;
}

/** Has its one outcome; no event changes it again. */
export interface EndedCall extends Counted {
  readonly status: Outcome["status"];
  /**
   * Whose outcome it is: `attempt`, the one that the last result brought; `losses` and `cancel`, one to be made with
   * `outcomeOf`.
   */
  readonly by: "attempt" | "losses" | "cancel";
}

/** The state of one call. Plain JSON data, never changed in place. */
export type CallState = PendingCall | RunningCall | EndedCall;

/** What can happen to a call. Each may arrive twice, late, or out of order. */
export type CallEvent =
  /** A worker acquires the delivery. Ignored for another delivery, and for one that is held already. */
  | { readonly type: "start"; readonly delivery: number; readonly lease: string; readonly leaseUntilMs: number | null }
  /** The holder is alive. Never shortens a lease. */
  | { readonly type: "renew"; readonly delivery: number; readonly lease: string; readonly leaseUntilMs: number }
  /** The attempt has ended, as its holder says, or the process that saw the holder end. `retryAfterMs` belongs to `not-started`. */
  | {
      readonly type: "result";
      readonly delivery: number;
      readonly lease: string;
      readonly status: AttemptResult["status"];
      readonly nowMs: number;
      readonly retryAfterMs?: number | undefined;
    }
  /** It is `nowMs`: a running call whose lease is over by then is lost. */
  | { readonly type: "lease-expired"; readonly nowMs: number }
  /** The caller requests a cancel. */
  | { readonly type: "cancel" };

const INITIAL: PendingCall = Object.freeze({ status: "pending", attempt: 0, losses: 0, delivery: 1, notBeforeMs: 0 });

/** The state of a call that has not been started: the same object each time. */
export function initialCall(): PendingCall {
  return INITIAL;
}

/** Whether the call has its outcome. */
export function isEnded(state: CallState): state is EndedCall {
  return state.status !== "pending" && state.status !== "running";
}

/**
 * The table of a call's life, which every backend executes: the state after one event.
 *
 * An event that does not belong to the state (a second start, the result of an earlier delivery or of another holder,
 * anything after the outcome) is ignored: the same object comes back, so `next !== state` says whether it counted.
 *
 * | state   | event                       | next                                                                |
 * |---------|-----------------------------|---------------------------------------------------------------------|
 * | pending | start of its delivery       | running, attempt + 1                                                |
 * | pending | cancel                      | cancelled                                                           |
 * | running | renew by the holder         | running, lease longer                                               |
 * | running | cancel                      | running, cancel requested                                           |
 * | running | succeeded                   | succeeded, also after a cancel request: what is done is done        |
 * | running | cancelled                   | cancelled                                                           |
 * | running | any other, cancel requested | cancelled: it never runs again                                      |
 * | running | failed, timed-out           | pending after the policy's delay while it grants a retry, else that |
 * | running | lost, or lease over         | pending, attempt - 1, losses + 1; after {@link MAX_LOSSES} failed   |
 * | running | not-started                 | pending after `retryAfterMs`, attempt - 1; as often as it takes     |
 */
export function transition(state: CallState, event: CallEvent, policy: RetryPolicy): CallState {
  if (state.status === "pending") {
    if (event.type === "start") return event.delivery === state.delivery ? started(state, event.lease, event.leaseUntilMs) : state;
    if (event.type === "cancel") return ended(state, "cancelled", "cancel");
    return state;
  }
  if (state.status !== "running") return state;
  switch (event.type) {
    case "start":
      return state;
    case "renew":
      if (!isHolder(state, event) || state.leaseUntilMs === null || event.leaseUntilMs <= state.leaseUntilMs) return state;
      return { ...state, leaseUntilMs: event.leaseUntilMs };
    case "cancel":
      return state.cancelRequested ? state : { ...state, cancelRequested: true };
    case "lease-expired":
      if (state.leaseUntilMs === null || event.nowMs < state.leaseUntilMs) return state;
      return afterResult(state, "lost", event.nowMs, 0, policy);
    case "result":
      return isHolder(state, event) ? afterResult(state, event.status, event.nowMs, event.retryAfterMs ?? 0, policy) : state;
  }
}

// --- Internal helpers ---

function isHolder(state: RunningCall, event: { readonly delivery: number; readonly lease: string }): boolean {
  return event.delivery === state.delivery && event.lease === state.lease;
}

function afterResult(
  state: RunningCall,
  status: AttemptResult["status"],
  nowMs: number,
  retryAfterMs: number,
  policy: RetryPolicy,
): CallState {
  if (status === "succeeded") return ended(state, "succeeded", "attempt");
  if (status === "cancelled") return ended(state, "cancelled", state.cancelRequested ? "cancel" : "attempt");
  if (state.cancelRequested) return ended(state, "cancelled", "cancel");
  switch (status) {
    case "not-started":
      return waiting(state, state.attempt - 1, state.losses, nowMs + retryAfterMs);
    case "lost":
      if (state.losses >= MAX_LOSSES)
        return { status: "failed", attempt: state.attempt, losses: state.losses + 1, delivery: state.delivery, by: "losses" };
      return waiting(state, state.attempt - 1, state.losses + 1, nowMs);
    default: {
      const delayMs = nextRetryDelayMs(policy, state.attempt);
      return delayMs === null ? ended(state, status, "attempt") : waiting(state, state.attempt, state.losses, nowMs + delayMs);
    }
  }
}

function started(state: PendingCall, lease: string, leaseUntilMs: number | null): RunningCall {
  return {
    status: "running",
    attempt: state.attempt + 1,
    losses: state.losses,
    delivery: state.delivery,
    lease,
    leaseUntilMs,
    cancelRequested: false,
  };
}

function waiting(state: RunningCall, attempt: number, losses: number, notBeforeMs: number): PendingCall {
  return { status: "pending", attempt, losses, delivery: state.delivery + 1, notBeforeMs };
}

function ended(state: PendingCall | RunningCall, status: Outcome["status"], by: EndedCall["by"]): EndedCall {
  return { status, attempt: state.attempt, losses: state.losses, delivery: state.delivery, by };
}
