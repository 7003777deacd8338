import { attemptEnded } from "../../model/call-outcome.ts";
import { isEnded, transition } from "../../model/call-state.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { NO_RETRIES } from "../../model/retry-policy.ts";
import type { Rows, RowWriter } from "../../util/rows.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { cancelledCall, orphanedCall } from "./errors.ts";
import { type Partition, runOwner, runPartitions } from "./local-partitions.ts";
import { type CallKeys, type ControlRow, lastPart, putControl } from "./local-rows.ts";

/** What calls are ended with. */
export interface CallEndingParams {
  readonly rows: Rows;
  readonly keys: CallKeys;
  readonly environment: string;
  readonly isAlive: (owner: string) => boolean;
  /** Told of each call that got its outcome. */
  readonly onEnded: (callId: string) => void;
}

/** A call that had no outcome when it was told to end. */
export interface UnfinishedCall {
  readonly callId: string;
  readonly ref: FunctionRef;
}

/** Ends calls early: at once when no living driver holds them, else through their driver. A cancel never retries. */
export class CallEnding {
  readonly #params: CallEndingParams;

  constructor(params: CallEndingParams) {
    this.#params = params;
  }

  /** Ends a call now, or asks its driver to; says whether it has its outcome. */
  async end(callId: string, how: { readonly orphaned?: boolean; readonly terminate?: boolean } = {}): Promise<boolean> {
    const { rows, keys, onEnded } = this.#params;
    const ended = await rows.transact((tx) => {
      if (this.#endUnheld(tx, callId, how.orphaned === true)) return true;
      const row = tx.get<ControlRow>(keys.control(callId));
      if (row === undefined) return true;
      const state = transition(row.state, { type: "cancel" }, NO_RETRIES);
      putControl(tx, keys, callId, { ...row, terminate: how.terminate === true || row.terminate === true }, state, Date.now());
      tx.put(`${keys.cancel(row.partition)}${callId}`, 1);
      return false;
    });
    if (ended) onEnded(callId);
    return ended;
  }

  /** Ends every unfinished call of a partition, and gives them. One that a driver holds may still succeed. */
  async endPartition(partition: Partition): Promise<readonly UnfinishedCall[]> {
    const { rows, keys } = this.#params;
    const orphaned = runOwner(partition) !== null;
    const unfinished = new Map<string, UnfinishedCall>();
    for (const prefix of [keys.ready(partition), keys.delayed(partition), keys.held(partition)]) {
      const callIds = rows.range(prefix).map(({ key }) => lastPart(key));
      await Promise.all(callIds.map((callId) => this.end(callId, { orphaned })));
      for (const callId of callIds) {
        const row = rows.get<ControlRow>(keys.control(callId));
        if (row !== undefined) unfinished.set(callId, { callId, ref: row.ref });
      }
    }
    return [...unfinished.values()];
  }

  /** Whether a partition is that of a run whose process is dead: no driver is left to end its calls. */
  isOrphaned(partition: Partition): boolean {
    const owner = runOwner(partition);
    return owner !== null && !this.#params.isAlive(owner);
  }

  /** Ends the calls of all runs whose process is dead. */
  async endOrphans(): Promise<void> {
    const { rows, environment } = this.#params;
    for (const partition of runPartitions(rows, environment)) if (this.isOrphaned(partition)) await this.endPartition(partition);
  }

  /** Ends a call that no living driver holds; says whether it has its outcome now. */
  #endUnheld(tx: RowWriter, callId: string, orphaned: boolean): boolean {
    const { keys, isAlive } = this.#params;
    const row = tx.get<ControlRow>(keys.control(callId));
    if (row === undefined || isEnded(row.state)) return true;
    const nowMs = Date.now();
    let state = transition(row.state, { type: "cancel" }, NO_RETRIES);
    if (state.status === "running" && !isAlive(state.lease)) {
      state = transition(state, attemptEnded(state, { status: "lost", reason: "its driver has ended" }, nowMs), NO_RETRIES);
    }
    if (!isEnded(state)) return false;
    const error = encodeError(orphaned ? orphanedCall(callId) : cancelledCall(callId));
    putControl(tx, keys, callId, row, state, nowMs, { status: "cancelled", error });
    return true;
  }
}
