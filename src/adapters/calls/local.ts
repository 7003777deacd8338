import { durableCallId } from "../../model/call-ids.ts";
import { initialCall, isEnded } from "../../model/call-state.ts";
import { InternalFailure } from "../../model/errors.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { CallsPort, CallStatus } from "../../ports/calls.ts";
import type { Rows } from "../../util/rows.ts";
import { expiredCall, otherInput, unfinishedCall, unknownCall } from "./errors.ts";
import { asDurable } from "../../wire/durable-envelope.ts";
import { CALL_RETENTION_MS, GET_POLL_MAX_MS, GET_POLL_MIN_MS } from "./limits.ts";
import { CallEnding } from "./local-ending.ts";
import type { Partition } from "./local-partitions.ts";
import { type CallKeys, callKeys, collectExpired, type ControlRow, insertCall, readOutcome } from "./local-rows.ts";
import { CallWaiters } from "./local-waiters.ts";

/** What the durable calls of one environment need. */
export interface LocalCallsParams {
  readonly rows: Rows;
  readonly environment: string;
  /** Whose driver is to run a call of this Function. Rejects with `NotFoundError`. */
  readonly route: (ref: FunctionRef) => Promise<Partition>;
  /** Sees to it that the driver of a partition is running and looks at its rows. */
  readonly wake: (partition: Partition, app: string) => Promise<void>;
  /** Whether the process that a lease or a partition names is living. */
  readonly isAlive: (owner: string) => boolean;
}

/** Durable calls in LMDB, and what a driver in this process shares with their readers. */
export interface LocalCalls extends CallsPort {
  /** The partition of a known call. Throws `NotFoundError`. */
  partitionOf(callId: string): Partition;
  /** Tells those in this process who wait for a call that it has its outcome. */
  settled(callId: string): void;
  /**
   * Cancels every unfinished call of a partition: at once where no living driver holds it, else by that driver. Gives the
   * calls; one that a driver holds may still succeed.
   */
  endPartition(partition: Partition): Promise<readonly { readonly callId: string; readonly ref: FunctionRef }[]>;
  /** Drops outcomes past their retention and ends the calls of runs whose process is dead. Cheap when there are none. */
  collect(): Promise<void>;
}

/** While a call is waited for, its driver is looked after this often. */
const WAKE_EVERY_MS = 1_000;

/**
 * Durable calls as rows of the local backend. A call is accepted when its rows are on disk; any process may spawn,
 * get, cancel and look; the driver of the call's partition runs it.
 */
export function createLocalCalls(params: LocalCallsParams): LocalCalls {
  const { rows, environment, isAlive, route, wake } = params;
  const keys = callKeys(environment);
  const waiters = new CallWaiters();
  const ending = new CallEnding({ rows, keys, environment, isAlive, onEnded: (callId) => waiters.tell(callId) });
  const control = (callId: string): ControlRow => {
    const row = rows.get<ControlRow>(keys.control(callId));
    if (row === undefined) throw unknownCall(callId, environment);
    return row;
  };
  const store: CallStore = { rows, keys, wake, waiters, ending, control };

  return {
    partitionOf: (callId) => control(callId).partition,
    settled: (callId) => waiters.tell(callId),
    endPartition: (partition) => ending.endPartition(partition),
    async spawn(ref, envelope) {
      const partition = await route(ref);
      const durable = asDurable(environment, ref, envelope);
      const isAccepted = await rows.transact((tx) => insertCall(tx, keys, partition, ref, durable, initialCall(), Date.now()));
      if (!isAccepted) throw otherInput(ref, envelope.callId);
      // It is accepted: that its driver can't be reached now is for `get` to say.
      await wake(partition, ref.app).catch(() => {});
      return durable.callId;
    },
    idOf: (ref, callId) => Promise.resolve(durableCallId(environment, ref, callId)),
    get: (callId, { timeoutMs, signal } = {}) => waitForOutcome(store, callId, timeoutMs, signal),
    async cancel(callId, { terminateContainers = false } = {}) {
      const { partition, ref } = control(callId);
      if (!(await ending.end(callId, { terminate: terminateContainers }))) await wake(partition, ref.app);
    },
    async status(callId) {
      const row = control(callId);
      if (isEnded(row.state) || !ending.isOrphaned(row.partition)) return statusOf(callId, row);
      await ending.endPartition(row.partition);
      return statusOf(callId, control(callId));
    },
    async collect() {
      if (rows.range(keys.ended(), { limit: 1 }).length > 0) await rows.transact((tx) => collectExpired(tx, keys, Date.now()));
      await ending.endOrphans();
    },
  };
}

// --- Internal helpers ---

/** What those who wait for a call need. */
interface CallStore {
  readonly rows: Rows;
  readonly keys: CallKeys;
  readonly wake: LocalCallsParams["wake"];
  readonly waiters: CallWaiters;
  readonly ending: CallEnding;
  readonly control: (callId: string) => ControlRow;
}

async function waitForOutcome(
  store: CallStore,
  callId: string,
  timeoutMs: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Outcome> {
  const endsAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
  let nextWake = 0;
  let failure: { readonly error: unknown } | undefined;
  for (let pauseMs = GET_POLL_MIN_MS; ; pauseMs = Math.min(GET_POLL_MAX_MS, pauseMs * 1.5)) {
    signal?.throwIfAborted();
    const row = store.control(callId);
    if (isEnded(row.state)) return outcomeOf(store, callId, row);
    const now = performance.now();
    if (now >= nextWake) {
      nextWake = now + WAKE_EVERY_MS;
      if (store.ending.isOrphaned(row.partition)) {
        await store.ending.endPartition(row.partition);
        continue;
      }
      // Not awaited: a caller that only looks must not wait for a driver to start.
      void store.wake(row.partition, row.ref.app).catch((error: unknown) => (failure = { error }));
    }
    if (failure !== undefined) throw failure.error;
    const leftMs = endsAt - performance.now();
    if (leftMs <= 0) throw unfinishedCall(callId, timeoutMs ?? 0);
    await store.waiters.pause(callId, Math.min(pauseMs, leftMs), signal);
  }
}

function outcomeOf({ rows, keys }: CallStore, callId: string, row: ControlRow): Outcome {
  if (row.finishedAtMs !== null && row.finishedAtMs + CALL_RETENTION_MS < Date.now()) throw expiredCall(callId, row.finishedAtMs);
  const outcome = readOutcome(rows, keys, callId);
  if (outcome === undefined || outcome.status === "lost" || outcome.status === "not-started") {
    throw new InternalFailure(`The outcome of call "${callId}" is gone: its state is ${row.state.status}, but its row is missing.`);
  }
  return outcome;
}

function statusOf(callId: string, row: ControlRow): CallStatus {
  return {
    callId,
    ref: row.ref,
    state: row.state.status,
    attempt: row.state.attempt,
    createdAtMs: row.createdAtMs,
    ...(row.finishedAtMs === null ? {} : { finishedAtMs: row.finishedAtMs }),
  };
}
