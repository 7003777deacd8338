import { setTimeout as sleep } from "node:timers/promises";
import { initialCall, isEnded, transition } from "../../model/call-state.ts";
import { InternalFailure } from "../../model/errors.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { CallsPort, CallStatus } from "../../ports/calls.ts";
import type { Rows, RowWriter } from "../../util/rows.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { cancelledCall, expiredCall, orphanedCall, refuseForeignCall, unfinishedCall, unknownCall } from "./errors.ts";
import { CALL_RETENTION_MS, GET_POLL_MAX_MS, GET_POLL_MIN_MS } from "./limits.ts";
import { callKeys, collectExpired, insertCall, lastPart, putControl, readOutcome, type ControlRow, type Partition } from "./local-rows.ts";

/** What the durable calls of one environment stand on. */
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

/** A cancel never retries, whatever the policy. */
const NO_RETRIES: RetryPolicy = { maxRetries: 0, backoffCoefficient: 1, initialDelayMs: 0, maxDelayMs: 0 };

/** While somebody waits for a call, its driver is looked after this often. */
const WAKE_EVERY_MS = 1_000;

/**
 * Durable calls as rows of the local backend. A call is accepted when its rows are on disk; any process may spawn,
 * get, cancel and look; the driver of the call's partition runs it.
 */
export function createLocalCalls(params: LocalCallsParams): LocalCalls {
  const { rows, environment, isAlive } = params;
  const keys = callKeys(environment);
  const waiting = new Map<string, Set<() => void>>();

  const control = (callId: string): ControlRow => {
    const row = rows.get<ControlRow>(keys.control(callId));
    if (row === undefined) throw unknownCall(callId, environment);
    return row;
  };

  const settled = (callId: string): void => {
    for (const tell of waiting.get(callId) ?? []) tell();
  };

  /** Ends a call that no living driver holds; says whether it has its outcome now. */
  const endUnheld = (tx: RowWriter, callId: string, orphaned: boolean): boolean => {
    const row = tx.get<ControlRow>(keys.control(callId));
    if (row === undefined || isEnded(row.state)) return true;
    const nowMs = Date.now();
    let state = transition(row.state, { type: "cancel" }, NO_RETRIES);
    if (state.status === "running" && !isAlive(state.lease)) {
      state = transition(state, { type: "result", delivery: state.delivery, lease: state.lease, status: "lost", nowMs }, NO_RETRIES);
    }
    if (!isEnded(state)) return false;
    const error = encodeError(orphaned ? orphanedCall(callId) : cancelledCall(callId));
    putControl(tx, keys, callId, row, state, nowMs, { status: "cancelled", error });
    return true;
  };

  /** Ends a call now, or asks the one who holds it to; says whether it has its outcome. */
  const end = async (callId: string, orphaned: boolean, terminate: boolean): Promise<boolean> => {
    const ended = await rows.transact((tx) => {
      if (endUnheld(tx, callId, orphaned)) return true;
      const row = tx.get<ControlRow>(keys.control(callId));
      if (row === undefined) return true;
      const state = transition(row.state, { type: "cancel" }, NO_RETRIES);
      putControl(tx, keys, callId, { ...row, terminate: terminate || row.terminate === true }, state, Date.now());
      tx.put(`${keys.cancel(row.partition)}${callId}`, 1);
      return false;
    });
    if (ended) settled(callId);
    return ended;
  };

  const endPartition: LocalCalls["endPartition"] = async (partition) => {
    const orphaned = runOwner(partition) !== null;
    const callIds: string[] = [];
    for (const prefix of [keys.ready(partition), keys.later(partition), keys.held(partition)]) {
      const found = rows.range(prefix).map(({ key }) => lastPart(key));
      await Promise.all(found.map((callId) => end(callId, orphaned, false)));
      callIds.push(...found);
    }
    return [...new Set(callIds)].map((callId) => ({ callId, ref: control(callId).ref }));
  };

  /** A call of a run whose process was killed can't be ended by its driver. */
  const isOrphaned = (row: ControlRow): boolean => {
    const owner = runOwner(row.partition);
    return owner !== null && !isAlive(owner);
  };

  const outcomeOf = (callId: string, row: ControlRow): Outcome => {
    if (row.finishedAtMs !== null && row.finishedAtMs + CALL_RETENTION_MS < Date.now()) throw expiredCall(callId, row.finishedAtMs);
    const outcome = readOutcome(rows, keys, callId);
    if (outcome === undefined || outcome.status === "lost" || outcome.status === "not-started") {
      throw new InternalFailure(`Call "${callId}" has ended (${row.state.status}), but the row of its output is missing.`);
    }
    return outcome;
  };

  /** Waits for word of a call from a driver in this process, at most so long. */
  const pause = async (callId: string, ms: number, signal: AbortSignal | undefined): Promise<void> => {
    const waker = new AbortController();
    const wake = (): void => waker.abort();
    const tellers = waiting.get(callId) ?? new Set();
    waiting.set(callId, tellers.add(wake));
    signal?.addEventListener("abort", wake, { once: true });
    try {
      await sleep(ms, undefined, { signal: waker.signal }).catch(() => {});
    } finally {
      signal?.removeEventListener("abort", wake);
      tellers.delete(wake);
      if (tellers.size === 0) waiting.delete(callId);
    }
  };

  return {
    partitionOf: (callId) => control(callId).partition,
    settled,
    endPartition,

    async spawn(ref, envelope) {
      const partition = await params.route(ref);
      const { callId } = envelope;
      const isNew = await rows.transact((tx) => insertCall(tx, keys, partition, ref, envelope, initialCall(), Date.now()));
      if (!isNew) refuseForeignCall(callId, control(callId).ref, ref);
      // It is accepted: that its driver can't be reached now is for `get` to say.
      await params.wake(partition, ref.app).catch(() => {});
    },

    async get(callId, { timeoutMs, signal } = {}) {
      const endsAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
      let nextWake = 0;
      let failure: { readonly error: unknown } | undefined;
      for (let pauseMs = GET_POLL_MIN_MS; ; pauseMs = Math.min(GET_POLL_MAX_MS, pauseMs * 1.5)) {
        signal?.throwIfAborted();
        const row = control(callId);
        if (isEnded(row.state)) return outcomeOf(callId, row);
        const now = performance.now();
        if (now >= nextWake) {
          nextWake = now + WAKE_EVERY_MS;
          if (isOrphaned(row)) {
            await endPartition(row.partition);
            continue;
          }
          // Not awaited: a caller that only looks must not wait for a driver to start.
          void params.wake(row.partition, row.ref.app).catch((error: unknown) => (failure = { error }));
        }
        if (failure !== undefined) throw failure.error;
        const leftMs = endsAt - performance.now();
        if (leftMs <= 0) throw unfinishedCall(callId, timeoutMs ?? 0);
        await pause(callId, Math.min(pauseMs, leftMs), signal);
      }
    },

    async cancel(callId, { terminateContainers = false } = {}) {
      const { partition, ref } = control(callId);
      if (!(await end(callId, false, terminateContainers))) await params.wake(partition, ref.app);
    },

    async status(callId) {
      let row = control(callId);
      if (!isEnded(row.state) && isOrphaned(row)) {
        await endPartition(row.partition);
        row = control(callId);
      }
      return statusOf(callId, row);
    },

    async collect() {
      const nowMs = Date.now();
      const first = rows.range(keys.ended(), { limit: 1 })[0];
      if (first !== undefined) await rows.transact((tx) => collectExpired(tx, keys, nowMs));
      for (const partition of runPartitions(rows, environment)) {
        const owner = runOwner(partition);
        if (owner !== null && !isAlive(owner)) await endPartition(partition);
      }
    },
  };
}

/** The partition of a deployed App. */
export function appPartition(app: string): Partition {
  return `app#${app}`;
}

/** The partition of an App that runs in the process `owner`. */
export function runPartition(owner: string, app: string): Partition {
  return `run#${owner}#${app}`;
}

// --- Internal helpers ---

/** The process whose run a partition belongs to; `null` for a deployed App's. */
function runOwner(partition: Partition): string | null {
  const [kind, owner] = partition.split("#");
  return kind === "run" && owner !== undefined ? owner : null;
}

/** The partitions of runs that have unfinished calls, found by skipping from one to the next. */
function runPartitions(rows: Rows, environment: string): ReadonlySet<Partition> {
  const partitions = new Set<Partition>();
  for (const list of ["ready", "later", "held"]) {
    const prefix = `${list}#${environment}#run#`;
    for (let after: string | undefined; ;) {
      const key = rows.range(prefix, { after, limit: 1 })[0]?.key;
      if (key === undefined) break;
      const [owner, app] = key.slice(prefix.length).split("#");
      if (owner === undefined || app === undefined) break;
      partitions.add(runPartition(owner, app));
      after = `${prefix}${owner}#${app}#\uffff`;
    }
  }
  return partitions;
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
