import type { AwsDriver } from "../../adapters/calls/aws-driver.ts";
import type { AwsCallRows, CallRecord } from "../../adapters/calls/aws-rows.ts";
import type { SendDelivery } from "../../adapters/calls/aws-deliveries.ts";
import { AWS_LEASE_SPARE_MS, AWS_SWEEP_EVERY_MS } from "../../adapters/calls/limits.ts";
import { isEnded } from "../../model/call-state.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { decodeDelivery, type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { type FailureRecord, readFailureRecord, resultOfFailure } from "./failure-record.ts";

/** What the dispatcher of an App stands on. */
export interface DispatcherParams {
  readonly environment: string;
  readonly app: string;
  readonly rows: AwsCallRows;
  readonly driver: AwsDriver;
  readonly sendDelivery: SendDelivery;
  /** Puts a message into the dispatcher's own queue. */
  readonly later: (body: string, delayMs: number) => Promise<void>;
}

/** Messages of the dispatcher's queue, as SQS hands them to a Lambda function. */
export interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** What the rule sends every five minutes: the Functions whose calls are to be looked at. */
export interface SweepEvent {
  readonly sweep: readonly string[];
}

/** The messages that were not worked on: SQS gives them out again, and at last to the dead-letter queue. */
export interface QueueAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** Calls that a sweep looks at together. */
const SWEEP_BATCH = 25;

/**
 * The dispatcher of an App's durable calls: hands out deliveries whose time has come, works off Lambda's failure records, and
 * sweeps: takes leases from those who are gone and starts what nobody has started. A message that comes twice does no
 * harm: each delivery is taken once.
 */
export function createDispatcher(params: DispatcherParams): { handle(event: QueueEvent | SweepEvent): Promise<QueueAnswer> } {
  const { app, environment, rows, driver } = params;

  const handOut = ({ callId, fn, delivery }: Delivery): Promise<void> => params.sendDelivery({ app, name: fn }, { callId, delivery });

  const read = async (ref: FunctionRef, callId: string): Promise<CallRecord> => (await rows.read(ref, [callId]))[0] as CallRecord;

  /** A delivery from the queue: its Function gets it once it is due. */
  const dispatch = async (delivery: Delivery): Promise<void> => {
    const ref = { app, name: delivery.fn };
    const record = await read(ref, delivery.callId);
    if (record.state.status !== "pending" || record.state.delivery !== delivery.delivery) return;
    if ((await driver.settle(ref, delivery.callId, record)) !== undefined) return;
    const earlyMs = record.state.notBeforeMs - Date.now();
    if (earlyMs > 0) await params.later(encodeDelivery(delivery), earlyMs);
    else await handOut(delivery);
  };

  /** An invocation that failed: whatever its process could not write is written here. */
  const workOff = async (record: FailureRecord): Promise<void> => {
    const { delivery, requestId, invoked } = record;
    const ref = { app, name: delivery.fn };
    const { callId } = delivery;
    const { state } = await read(ref, callId);
    if (isEnded(state)) return;
    // Emulators leave the request's id out; then the record speaks of whoever holds its delivery.
    const lease = requestId === "" && state.status === "running" ? state.lease : requestId;
    const holder = { delivery: delivery.delivery, lease };
    let result = resultOfFailure(record, { environment, app, attempt: state.attempt });
    if (state.status === "pending" && invoked) {
      // It ended before it could take the lease. That is a loss, so that it can't go on for ever.
      if (result.status !== "lost") result = { status: "lost", reason: `${record.errorType}: ${record.message}` };
      const leaseUntilMs = Date.now() + AWS_LEASE_SPARE_MS;
      await driver.start(ref, callId, { ...holder, leaseUntilMs, retries: undefined });
    }
    if ((await driver.finish(ref, callId, { ...holder, result })) !== undefined) return;
    // What waits may have no message: the invocation failed when it was to send it, or never took place.
    await again(ref, callId, invoked ? 0 : AWS_SWEEP_EVERY_MS);
  };

  const again = async (ref: FunctionRef, callId: string, leastMs: number): Promise<void> => {
    const { state } = await read(ref, callId);
    if (state.status !== "pending") return;
    const delayMs = Math.max(leastMs, state.notBeforeMs - Date.now());
    await params.later(encodeDelivery({ callId, fn: ref.name, delivery: state.delivery }), delayMs);
  };

  const sweep = async (fn: string): Promise<void> => {
    const ref = { app, name: fn };
    let batch: { readonly callId: string; readonly createdAtMs: number }[] = [];
    for await (const call of rows.unfinished(ref)) {
      batch.push(call);
      if (batch.length < SWEEP_BATCH) continue;
      await sweepCalls(ref, batch);
      batch = [];
    }
    await sweepCalls(ref, batch);
  };

  const sweepCalls = async (
    ref: FunctionRef,
    calls: readonly { readonly callId: string; readonly createdAtMs: number }[],
  ): Promise<void> => {
    const records = await rows.read(
      ref,
      calls.map(({ callId }) => callId),
    );
    const looked = calls.map(async ({ callId, createdAtMs }, i) => {
      const record = records[i] as CallRecord;
      if (isEnded(record.state)) return rows.forget(ref, callId);
      const settled = await driver.settle(ref, callId, record);
      if (settled !== undefined || record.state.status !== "pending") return undefined;
      const overdueMs = Date.now() - Math.max(createdAtMs, record.state.notBeforeMs);
      return isTimeToRemind(overdueMs) ? handOut({ callId, fn: ref.name, delivery: record.state.delivery }) : undefined;
    });
    // One that fails is looked at in the next sweep; the others must not wait for it.
    await Promise.allSettled(looked);
  };

  const work = async (body: string): Promise<void> => {
    const message = JSON.parse(body) as unknown;
    const failure = readFailureRecord(message);
    if (failure !== undefined) return workOff(failure);
    const delivery = decodeDelivery(message);
    // Anything else is a failed event that was no durable call: somebody invoked the Function by hand.
    if (delivery !== undefined) await dispatch(delivery);
  };

  return {
    async handle(event) {
      if ("sweep" in event) {
        for (const fn of event.sweep) await sweep(fn);
        return { batchItemFailures: [] };
      }
      const done = await Promise.allSettled(event.Records.map(({ body }) => work(body)));
      const failed = event.Records.filter((_, i) => done[i]?.status === "rejected");
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },
  };
}

/**
 * Whether a call that should have been handed out so long ago is handed out once more: after one period of the sweep,
 * two, four, eight … It may only be slow to come out of Lambda's queue.
 */
export function isTimeToRemind(overdueMs: number): boolean {
  const periods = Math.floor(overdueMs / AWS_SWEEP_EVERY_MS);
  return periods >= 1 && (periods & (periods - 1)) === 0;
}
