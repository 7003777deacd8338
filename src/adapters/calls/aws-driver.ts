import { attemptEnded } from "../../model/call-outcome.ts";
import { isEnded, transition, type CallEvent, type CallState } from "../../model/call-state.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import { type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { finalOutcome } from "../../wire/final-outcome.ts";
import type { AwsCallRows, CallRecord } from "./aws-rows.ts";
import { stuckCall } from "./errors.ts";

/** What the steps of durable calls on AWS stand on. */
export interface AwsDriverParams {
  readonly rows: AwsCallRows;
  /** Puts a turn into the queue of the App's dispatcher, which hands it out after the delay. */
  readonly later: (body: string, delayMs: number) => Promise<void>;
}

/** Who does a delivery, and until when. */
export interface DeliveryHolder {
  readonly delivery: number;
  /** The id of the Lambda request: the record of its failure names it too. */
  readonly lease: string;
}

/**
 * The steps of a durable call, for those who may write its state: its Function and its App's dispatcher. Each reads the
 * call, asks the table of call states, and writes what follows only if the call still stands where it was read; so
 * whatever comes twice, late or from someone who has lost the lease changes nothing.
 */
export interface AwsDriver {
  /**
   * Takes a delivery. Gives the state with the lease, or `undefined` when the delivery is over, taken, or the call is to be
   * cancelled, which it is then.
   */
  start(
    ref: FunctionRef,
    callId: string,
    params: DeliveryHolder & { readonly leaseUntilMs: number; readonly retries: RetryPolicy | undefined },
  ): Promise<CallState | undefined>;
  /**
   * Says how a delivery ended, if it is still the holder's to say. When it resolves, the outcome or the next delivery is safe.
   * `retries` stand for those that were noted with the lease.
   */
  finish(
    ref: FunctionRef,
    callId: string,
    params: DeliveryHolder & { readonly result: AttemptResult; readonly cancelled?: boolean; readonly retries?: RetryPolicy | undefined },
  ): Promise<CallState | undefined>;
  /** Ends a call that waits and is to be cancelled; takes the lease from whoever held it too long. `undefined`: neither. */
  settle(ref: FunctionRef, callId: string, record: CallRecord): Promise<CallState | undefined>;
}

/** How often a step is tried that somebody else's step came between. */
const MAX_TRIES = 20;

/** Makes the steps. */
export function createAwsDriver({ rows, later }: AwsDriverParams): AwsDriver {
  /** Applies what `events` says of the call as it stands; `undefined` when it changes nothing. */
  const step = async (
    ref: FunctionRef,
    callId: string,
    events: (record: CallRecord) => readonly CallEvent[],
    params: { readonly result?: AttemptResult; readonly retries?: RetryPolicy | undefined; readonly known?: CallRecord } = {},
  ): Promise<CallState | undefined> => {
    let { known } = params;
    for (let tries = 0; tries < MAX_TRIES; tries++, known = undefined) {
      const record = known ?? (await rows.read([callId]))[0];
      if (record === undefined) return undefined;
      const retries = params.retries ?? record.retries;
      const state = events(record).reduce((before, event) => transition(before, event, retries ?? NO_RETRIES), record.state);
      if (state === record.state) return undefined;
      const outcome = isEnded(state) ? finalOutcome(callId, state, params.result) : undefined;
      if (!(await rows.write(ref, callId, record, state, { nowMs: Date.now(), retries, outcome }))) continue;
      // What is left behind when this fails, the next sweep removes.
      if (isEnded(state)) await rows.forget(callId).catch(() => {});
      return state;
    }
    throw stuckCall(callId, MAX_TRIES);
  };

  /** A call that waits again is the dispatcher's: its message must be accepted before anybody may forget the call. */
  const requeue = async (ref: FunctionRef, callId: string, state: CallState | undefined): Promise<CallState | undefined> => {
    if (state?.status !== "pending") return state;
    const delivery: Delivery = { callId, fn: ref.name, delivery: state.delivery };
    await later(encodeDelivery(delivery), state.notBeforeMs - Date.now());
    return state;
  };

  return {
    async start(ref, callId, { delivery, lease, leaseUntilMs, retries }) {
      const take = ({ state, cancel }: CallRecord): readonly CallEvent[] =>
        state.status === "pending" && cancel !== "no" ? [{ type: "cancel" }] : [{ type: "start", delivery, lease, leaseUntilMs }];
      const state = await step(ref, callId, take, { retries });
      return state?.status === "running" ? state : undefined;
    },

    async finish(ref, callId, { delivery, lease, result, cancelled = false, retries }) {
      const tell = ({ state, cancel }: CallRecord): readonly CallEvent[] => {
        if (state.status !== "running" || state.delivery !== delivery || state.lease !== lease) return [];
        const ended = attemptEnded({ delivery, lease }, result, Date.now());
        return cancelled || cancel !== "no" ? [{ type: "cancel" }, ended] : [ended];
      };
      return requeue(ref, callId, await step(ref, callId, tell, { result, retries }));
    },

    async settle(ref, callId, record) {
      const look = ({ state, cancel }: CallRecord): readonly CallEvent[] => {
        if (state.status === "pending") return cancel === "no" ? [] : [{ type: "cancel" }];
        const over = { type: "lease-expired", nowMs: Date.now() } as const;
        return cancel === "no" || transition(state, over, NO_RETRIES) === state ? [over] : [{ type: "cancel" }, over];
      };
      const result: AttemptResult = { status: "lost", reason: "its lease ended without a word of it" };
      return requeue(ref, callId, await step(ref, callId, look, { result, known: record }));
    },
  };
}
