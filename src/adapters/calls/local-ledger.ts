import { attemptEnded } from "../../model/call-outcome.ts";
import { isEnded, type CallState, transition } from "../../model/call-state.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import type { Rows } from "../../util/rows.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { finalOutcome } from "../../wire/final-outcome.ts";
import { DRIVER_WINDOW } from "./limits.ts";
import type { Partition } from "./local-partitions.ts";
import { type CallKeys, type ControlRow, lastPart, putControl, readInput, sortableMs } from "./local-rows.ts";

/** Whose rows a ledger reads and writes. */
export interface CallLedgerParams {
  readonly rows: Rows;
  readonly keys: CallKeys;
  readonly partition: Partition;
  /** The driver, as its leases name it. */
  readonly owner: string;
  /** How a Function's failures are retried; `undefined` for a Function that is not there. */
  readonly retries: (ref: FunctionRef) => RetryPolicy | undefined;
}

/** A step that was written down. */
export interface CallStep {
  readonly ref: FunctionRef;
  readonly state: CallState;
  /** The attempt that led to it. */
  readonly attempt: number;
  /** How long it waits for its next attempt. */
  readonly delayMs: number;
}

/** The unfinished calls of one partition, as its driver reads and writes them. */
export class CallLedger {
  readonly #params: CallLedgerParams;

  constructor(params: CallLedgerParams) {
    this.#params = params;
  }

  /** Whether a call has no outcome yet. */
  hasUnfinished(): boolean {
    const { rows, keys, partition } = this.#params;
    const lists = [keys.ready(partition), keys.delayed(partition), keys.held(partition)];
    return lists.some((prefix) => rows.range(prefix, { limit: 1 }).length > 0);
  }

  /** When the next retry is due; `Infinity` when none is. */
  nextDueAtMs(): number {
    const { rows, keys, partition } = this.#params;
    const next = rows.range(keys.delayed(partition), { limit: 1 })[0];
    return next === undefined ? Number.POSITIVE_INFINITY : dueAtMs(next.key);
  }

  /** Calls that are to be cancelled while they run, and whether their container is to end too. */
  cancelRequests(): readonly { readonly callId: string; readonly terminate: boolean }[] {
    const { rows, keys, partition } = this.#params;
    return rows.range(keys.cancel(partition)).map(({ key }) => {
      const callId = lastPart(key);
      return { callId, terminate: rows.get<ControlRow>(keys.control(callId))?.terminate === true };
    });
  }

  /** The drivers that hold calls, found by skipping from one to the next. */
  *holders(): Generator<string, void, void> {
    const { keys, partition } = this.#params;
    yield* this.#groups(keys.held(partition), (holder) => keys.held(partition, holder));
  }

  /** The calls that a driver holds. */
  heldBy(holder: string): readonly string[] {
    const { rows, keys, partition } = this.#params;
    return rows.range(keys.held(partition, holder)).map(({ key }) => lastPart(key));
  }

  /** The Functions that have calls which may start. */
  *readyFunctions(): Generator<string, void, void> {
    const { keys, partition } = this.#params;
    yield* this.#groups(keys.ready(partition), (fn) => keys.ready(partition, fn));
  }

  /** The oldest calls of a Function that may start. */
  ready(fn: string, limit: number): readonly string[] {
    const { rows, keys, partition } = this.#params;
    return rows.range(keys.ready(partition, fn), { limit }).map(({ key }) => lastPart(key));
  }

  /** Lets the calls start whose retry is due. */
  async enqueueDue(nowMs: number): Promise<void> {
    const { rows, keys, partition } = this.#params;
    for (const { key } of rows.range(keys.delayed(partition), { limit: 10 * DRIVER_WINDOW })) {
      if (dueAtMs(key) > nowMs) return;
      const callId = lastPart(key);
      await rows.transact((tx) => {
        const row = tx.get<ControlRow>(keys.control(callId));
        if (row?.state.status !== "pending" || row.place !== key) return;
        const ready = `${keys.ready(partition, row.ref.name)}${sortableMs(row.createdAtMs)}#${callId}`;
        tx.delete(key);
        tx.put(ready, 1);
        tx.put(keys.control(callId), { ...row, place: ready } satisfies ControlRow);
      });
    }
  }

  /** Acquires the lease of a call; `undefined` when another driver has it, or when `isUnwanted` says so inside the transaction. */
  lease(callId: string, isUnwanted: () => boolean): Promise<ControlRow | undefined> {
    const { rows, keys, owner } = this.#params;
    return rows.transact((tx) => {
      const before = tx.get<ControlRow>(keys.control(callId));
      if (before === undefined || isUnwanted()) return undefined;
      const { delivery } = before.state;
      const state = transition(before.state, { type: "start", delivery, lease: owner, leaseUntilMs: null }, NO_RETRIES);
      if (state === before.state) return undefined;
      putControl(tx, keys, callId, before, state, Date.now());
      return { ...before, state };
    });
  }

  /** A call's input; `undefined` when its row is gone. */
  input(ref: FunctionRef, callId: string): Envelope | undefined {
    return readInput(this.#params.rows, this.#params.keys, ref, callId);
  }

  /** Writes down how an attempt ended; `undefined` when that is not the holder's to say any more. */
  finish(callId: string, holder: string, result: AttemptResult, delivery?: number): Promise<CallStep | undefined> {
    const { rows, keys, retries } = this.#params;
    const nowMs = Date.now();
    return rows.transact((tx) => {
      const row = tx.get<ControlRow>(keys.control(callId));
      if (row?.state.status !== "running") return undefined;
      const event = attemptEnded({ delivery: delivery ?? row.state.delivery, lease: holder }, result, nowMs);
      // A Function that is not there any more can't be retried.
      const state = transition(row.state, event, retries(row.ref) ?? NO_RETRIES);
      if (state === row.state) return undefined;
      putControl(tx, keys, callId, row, state, nowMs, isEnded(state) ? finalOutcome(callId, state, result) : undefined);
      const delayMs = state.status === "pending" ? Math.max(0, state.notBeforeMs - nowMs) : 0;
      return { ref: row.ref, state, attempt: row.state.attempt, delayMs };
    });
  }

  /** The first part of the keys behind a prefix, each once. */
  *#groups(prefix: string, ofGroup: (group: string) => string): Generator<string, void, void> {
    for (let after: string | undefined; ;) {
      const key = this.#params.rows.range(prefix, { after, limit: 1 })[0]?.key;
      if (key === undefined) return;
      const group = key.slice(prefix.length, key.indexOf("#", prefix.length));
      yield group;
      after = `${ofGroup(group)}\uffff`;
    }
  }
}

// --- Internal helpers ---

function dueAtMs(delayedKey: string): number {
  return Number(lastPart(delayedKey.slice(0, delayedKey.lastIndexOf("#"))));
}
