import type { AwsDueRows, DueCall, SweepCursor } from "../../adapters/calls/aws-due.ts";
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
  readonly due: AwsDueRows;
  readonly driver: AwsDriver;
  readonly sendDelivery: SendDelivery;
  /** Puts a message into the dispatcher's own queue. */
  readonly enqueue: (body: string, delayMs: number) => Promise<void>;
  /** How long one message of a sweep works. @default 20,000 ms: a third of what the dispatcher has for its messages */
  readonly sweepBudgetMs?: number | undefined;
}

/** Asks the dispatcher to sweep the calls of one Function. */
export interface SweepMessage {
  readonly sweep: string;
  /** Whether it goes on where the message before it stopped. */
  readonly goesOn?: boolean | undefined;
}

/** Reads such a message; `undefined` for any other. */
export function readSweepMessage(message: unknown): SweepMessage | undefined {
  const { sweep, goesOn } = Object(message) as { readonly sweep?: unknown; readonly goesOn?: unknown };
  return typeof sweep === "string" ? { sweep, goesOn: goesOn === true } : undefined;
}

/**
 * Looks at the calls of a Function that have not ended: takes leases from processes that are gone, and hands out what nobody
 * has started. When its time is up it keeps where it stands, and a message goes on from there; a sweep that comes meanwhile
 * leaves it alone. When that message is lost, a later sweep goes on. Rejects only when the calls can't be listed or read.
 */
export async function sweepFunction(params: SweepParams, { sweep: fn, goesOn = false }: SweepMessage): Promise<void> {
  const ref = { app: params.app, name: fn };
  const place = await params.due.place(ref);
  if (!goesOn && place !== undefined && place.heldUntilMs > Date.now()) return;
  const cursor = await sweepFrom(params, ref, place?.cursor ?? { shard: 0 });
  if (cursor === undefined) return place === undefined ? undefined : params.due.forgetPlace(ref);
  await params.due.keepPlace(ref, { cursor, heldUntilMs: Date.now() + HOLD_MS });
  await params.enqueue(JSON.stringify({ sweep: fn, goesOn: true } satisfies SweepMessage), 0);
}

// --- Internal helpers ---

/** Calls that a sweep looks at together: two rows of each make one BatchGetItem. */
const SWEEP_BATCH = 50;
const BUDGET_MS = 20_000;
/** After this a sweep counts as lost that has not gone on. Its message may have waited behind others. */
const HOLD_MS = 120_000;

/** Sweeps from here, as long as there is time; gives where it stopped, `undefined` at the end. */
async function sweepFrom(params: SweepParams, ref: FunctionRef, from: SweepCursor): Promise<SweepCursor | undefined> {
  const endsAt = performance.now() + (params.sweepBudgetMs ?? BUDGET_MS);
  let batch: DueCall[] = [];
  for await (const call of params.due.list(ref, from)) {
    batch.push(call);
    if (batch.length < SWEEP_BATCH) continue;
    await sweepCalls(params, ref, batch);
    if (performance.now() >= endsAt) return call.cursor;
    batch = [];
  }
  await sweepCalls(params, ref, batch);
  return undefined;
}

async function sweepCalls(params: SweepParams, ref: FunctionRef, calls: readonly DueCall[]): Promise<void> {
  const records = await params.rows.read(calls.map(({ callId }) => callId));
  // One that fails is looked at in the next sweep; the others must not wait for it.
  await Promise.allSettled(calls.map((call, i) => sweepCall(params, ref, call, records[i] as CallRecord)));
}

async function sweepCall(params: SweepParams, ref: FunctionRef, { callId, createdAtMs }: DueCall, record: CallRecord): Promise<void> {
  if (isEnded(record.state)) return params.rows.forget(callId);
  const overdueMs = Date.now() - createdAtMs;
  // Its marker was written, and then its caller could not write its input: nobody was told that it is accepted.
  const isAbandoned = record.row === undefined && overdueMs >= AWS_SWEEP_EVERY_MS && (await params.rows.address(callId)) === undefined;
  if (isAbandoned) return params.rows.forget(callId);
  const settled = await params.driver.settle(ref, callId, record);
  if (settled !== undefined || record.state.status !== "pending") return;
  if (isTimeToRemind(Math.min(overdueMs, Date.now() - record.state.notBeforeMs)))
    await params.sendDelivery(ref, { callId, delivery: record.state.delivery });
}

/**
 * Whether a call that should have been handed out so long ago is handed out once more: after one period of the sweep,
 * two, four, eight … It may only be slow to come out of Lambda's queue.
 */
function isTimeToRemind(overdueMs: number): boolean {
  const periods = Math.floor(overdueMs / AWS_SWEEP_EVERY_MS);
  return periods >= 1 && (periods & (periods - 1)) === 0;
}
