import type { AwsCallRows, CallRecord } from "../../adapters/calls/aws-rows.ts";
import { AWS_LEASE_SPARE_MS, AWS_SWEEP_EVERY_MS } from "../../adapters/calls/limits.ts";
import { isCallOf } from "../../model/call-ids.ts";
import { isEnded } from "../../model/call-state.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import { decodeDelivery, type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { readSweepMessage, sweepFunction, type SweepMessage, type SweepParams } from "./sweep.ts";
import { type FailureRecord, isDenial, readFailureRecord, resultOfFailure } from "./failure-record.ts";

/** What the dispatcher of an App works with. */
export interface DispatcherParams extends SweepParams {
  readonly environment: string;
}

/** Messages of the dispatcher's queue, as SQS hands them to a Lambda function. */
export interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** What the rule sends every five minutes: the Functions whose calls the sweep looks at. */
export interface SweepEvent {
  readonly sweep: readonly string[];
}

/** The messages that were not worked off: SQS gives them out again, and at last to the dead-letter queue. */
export interface QueueAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/**
 * The dispatcher of an App's durable calls: it hands out deliveries whose time has come, works off Lambda's failure
 * records, and sweeps. A message that comes twice does no harm: each delivery is acquired once.
 */
export function createDispatcher(params: DispatcherParams): { handle(event: QueueEvent | SweepEvent): Promise<QueueAnswer> } {
  return {
    async handle(event) {
      if ("sweep" in event) {
        // A message for each: one with many calls must not take the time of the others.
        await Promise.all(event.sweep.map((fn) => params.enqueue(JSON.stringify({ sweep: fn } satisfies SweepMessage), 0)));
        return { batchItemFailures: [] };
      }
      const done = await Promise.allSettled(event.Records.map(({ body }) => workOff(params, body)));
      const failed = event.Records.filter((_, i) => done[i]?.status === "rejected");
      return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
    },
  };
}

// --- Internal helpers ---

async function workOff(params: DispatcherParams, body: string): Promise<void> {
  const message = JSON.parse(body) as unknown;
  const failure = readFailureRecord(message);
  if (failure !== undefined) return settleFailure(params, failure);
  const sweep = readSweepMessage(message);
  if (sweep !== undefined) return sweepFunction(params, sweep);
  const delivery = decodeDelivery(message);
  // Anything else is a failed event that was no durable call: the Function was invoked by hand.
  if (delivery !== undefined) await handOutWhenDue(params, delivery);
}

/** A delivery from the queue: its Function gets it once it is due. */
async function handOutWhenDue(params: DispatcherParams, delivery: Delivery): Promise<void> {
  const { app, driver, enqueue, environment, rows, sendDelivery } = params;
  const ref = { app, name: delivery.fn };
  if (!isCallOf(environment, ref, delivery.callId)) return;
  const record = await readCall(rows, delivery.callId);
  if (record.state.status !== "pending" || record.state.delivery !== delivery.delivery) return;
  if ((await driver.settle(ref, delivery.callId, record)) !== undefined) return;
  const earlyMs = record.state.notBeforeMs - Date.now();
  if (earlyMs > 0) await enqueue(encodeDelivery(delivery), earlyMs);
  else await sendDelivery(ref, { callId: delivery.callId, delivery: delivery.delivery });
}

/** An invocation that failed: what its process could not write is written here. */
async function settleFailure(params: DispatcherParams, record: FailureRecord): Promise<void> {
  const { app, driver, environment, rows } = params;
  const { delivery, invoked, requestId } = record;
  const { callId } = delivery;
  const ref = { app, name: delivery.fn };
  if (!isCallOf(environment, ref, callId)) return;
  const { state } = await readCall(rows, callId);
  if (isEnded(state)) return;
  // Emulators leave the request's id out. Then the record speaks of the process that holds its delivery.
  const lease = requestId === "" && state.status === "running" ? state.lease : requestId;
  const holder = { delivery: delivery.delivery, lease };
  const denied = isDenial(record);
  let result = resultOfFailure(record, { environment, app, attempt: state.attempt });
  if (state.status === "pending" && invoked && result.status !== "not-started") {
    // It ended before it could acquire the lease. That is a loss, so that it can't go on for ever.
    if (result.status !== "lost" && !denied) result = { status: "lost", reason: `${record.errorType}: ${record.message}` };
    const leaseUntilMs = Date.now() + AWS_LEASE_SPARE_MS;
    await driver.start(ref, callId, { ...holder, leaseUntilMs, retries: undefined });
  }
  const retries = denied ? NO_RETRIES : undefined;
  if ((await driver.finish(ref, callId, { ...holder, result, retries })) !== undefined) return;
  // A call that waits may have no message: the invocation failed when it was to send it, or never took place.
  await enqueueAgain(params, ref, callId, invoked ? 0 : AWS_SWEEP_EVERY_MS);
}

/** Puts a call that waits into the queue, to be handed out when it is due, and not before `leastMs` from now. */
async function enqueueAgain({ enqueue, rows }: DispatcherParams, ref: FunctionRef, callId: string, leastMs: number): Promise<void> {
  const { state } = await readCall(rows, callId);
  if (state.status !== "pending") return;
  const delayMs = Math.max(leastMs, state.notBeforeMs - Date.now());
  await enqueue(encodeDelivery({ callId, fn: ref.name, delivery: state.delivery }), delayMs);
}

async function readCall(rows: AwsCallRows, callId: string): Promise<CallRecord> {
  return (await rows.read([callId]))[0] as CallRecord;
}
