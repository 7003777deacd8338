import { functionHead } from "../../model/call-ids.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { Table } from "../aws/dynamodb.ts";
import { duePartition, sweepKey } from "./aws-keys.ts";
import { DUE_SHARDS } from "./limits.ts";

/** A call that has not ended, as its marker says. */
export interface DueCall {
  readonly callId: string;
  readonly createdAtMs: number;
  /** Where a sweep goes on that has looked at it. */
  readonly cursor: SweepCursor;
}

/** How far a Function's markers were looked at: the shard, and its last marker. */
export interface SweepCursor {
  readonly shard: number;
  readonly after?: string | undefined;
}

/** A sweep that is not at its end. */
export interface SweepPlace {
  readonly cursor: SweepCursor;
  /** Epoch milliseconds until which somebody is at it. */
  readonly heldUntilMs: number;
}

/** The markers of calls that have not ended, and how far their sweep is: the dispatcher's alone. */
export interface AwsDueRows {
  /** A Function's calls that have not ended, in the order of their shards and ids, after `cursor`. */
  list(ref: FunctionRef, cursor: SweepCursor): AsyncGenerator<DueCall, void, void>;
  /** `undefined` when the last sweep came to its end. */
  place(ref: FunctionRef): Promise<SweepPlace | undefined>;
  keepPlace(ref: FunctionRef, place: SweepPlace): Promise<void>;
  forgetPlace(ref: FunctionRef): Promise<void>;
}

/** Those of an environment, in this table. */
export function createAwsDueRows(table: Table, environment: string): AwsDueRows {
  const headOf = (ref: FunctionRef): string => functionHead(environment, ref);
  return {
    async *list(ref, { shard: first, after }) {
      for (let shard = first; shard < DUE_SHARDS; shard++) {
        const rows = table.query(duePartition(headOf(ref), shard), ["pk", "sk", "createdAt"], shard === first ? after : undefined);
        for await (const { sk, createdAt } of rows) yield { callId: sk, createdAtMs: Number(createdAt), cursor: { shard, after: sk } };
      }
    },
    async place(ref) {
      const row = await table.get(sweepKey(headOf(ref)));
      if (row === undefined) return undefined;
      return { cursor: JSON.parse(String(row["cursor"])) as SweepCursor, heldUntilMs: Number(row["heldUntil"]) };
    },
    async keepPlace(ref, { cursor, heldUntilMs }) {
      await table.put({ ...sweepKey(headOf(ref)), cursor: JSON.stringify(cursor), heldUntil: heldUntilMs });
    },
    forgetPlace: (ref) => table.delete(sweepKey(headOf(ref))),
  };
}
