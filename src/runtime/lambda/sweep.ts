import type { AwsDriver } from "../../adapters/calls/aws-driver.ts";
import type { SendDelivery } from "../../adapters/calls/aws-deliveries.ts";
import type { AwsCallRows, CallRecord } from "../../adapters/calls/aws-rows.ts";
import { AWS_SWEEP_EVERY_MS } from "../../adapters/calls/limits.ts";
import { isEnded } from "../../model/call-state.ts";
import type { FunctionRef } from "../../model/function-spec.ts";

/** What a sweep works with. */
export interface SweepParams {
  readonly app: string;
  readonly rows: AwsCallRows;
  readonly driver: AwsDriver;
  readonly sendDelivery: SendDelivery;
}

/** Calls that a sweep looks at together. */
const SWEEP_BATCH = 25;

/**
 * Looks at every call of a Function that has not ended: takes leases from processes that are gone, and hands out what
 * nobody has started. Rejects only when the calls can't be listed or read.
 */
export async function sweepFunction(params: SweepParams, fn: string): Promise<void> {
  const ref = { app: params.app, name: fn };
  let batch: UnfinishedCall[] = [];
  for await (const call of params.rows.unfinished(ref)) {
    batch.push(call);
    if (batch.length < SWEEP_BATCH) continue;
    await sweepCalls(params, ref, batch);
    batch = [];
  }
  await sweepCalls(params, ref, batch);
}

// --- Internal helpers ---

interface UnfinishedCall {
  readonly callId: string;
  readonly createdAtMs: number;
}

async function sweepCalls(params: SweepParams, ref: FunctionRef, calls: readonly UnfinishedCall[]): Promise<void> {
  const ids = calls.map(({ callId }) => callId);
  const records = await params.rows.read(ref, ids);
  // One that fails is looked at in the next sweep; the others must not wait for it.
  await Promise.allSettled(calls.map((call, i) => sweepCall(params, ref, call, records[i] as CallRecord)));
}

async function sweepCall(
  params: SweepParams,
  ref: FunctionRef,
  { callId, createdAtMs }: UnfinishedCall,
  record: CallRecord,
): Promise<void> {
  if (isEnded(record.state)) return params.rows.forget(ref, callId);
  const settled = await params.driver.settle(ref, callId, record);
  if (settled !== undefined || record.state.status !== "pending") return;
  const overdueMs = Date.now() - Math.max(createdAtMs, record.state.notBeforeMs);
  if (isTimeToRemind(overdueMs)) await params.sendDelivery(ref, { callId, delivery: record.state.delivery });
}

/**
 * Whether a call that should have been handed out so long ago is handed out once more: after one period of the sweep,
 * two, four, eight … It may only be slow to come out of Lambda's queue.
 */
function isTimeToRemind(overdueMs: number): boolean {
  const periods = Math.floor(overdueMs / AWS_SWEEP_EVERY_MS);
  return periods >= 1 && (periods & (periods - 1)) === 0;
}
