import { callPartition } from "../../model/aws-names.ts";
import { headOfCall } from "../../model/call-ids.ts";
import { InternalFailure } from "../../model/errors.ts";
import type { RowKey } from "../aws/table-row.ts";
import { DUE_SHARDS } from "./limits.ts";

/** The row of a call's input. */
export function inKey(callId: string): RowKey {
  return { pk: callPartition("in", headOf(callId), callId), sk: "input" };
}

/** The row of a request to cancel a call. */
export function cancelKey(callId: string): RowKey {
  return { pk: callPartition("in", headOf(callId), callId), sk: "cancel" };
}

/** The row of a call's state and outcome. */
export function outKey(callId: string): RowKey {
  return { pk: callPartition("out", headOf(callId), callId), sk: "state" };
}

/** The marker of a call that has not ended. */
export function dueKey(callId: string): RowKey {
  return { pk: duePartition(headOf(callId), shardOf(callId)), sk: callId };
}

/** A partition of such markers. */
export function duePartition(head: string, shard: number): string {
  return callPartition("due", head, String(shard));
}

/** The row that keeps where the sweep of a Function's markers stands. */
export function sweepKey(head: string): RowKey {
  return { pk: callPartition("due", head, "sweep"), sk: "place" };
}

// --- Internal helpers ---

/** Letters at the end of an id, in which the ids differ that one process makes. */
const LAST_LETTERS = 8;

function headOf(callId: string): string {
  const head = headOfCall(callId);
  if (head !== undefined) return head;
  throw new InternalFailure(`"${callId}" is not the id of a durable call.`);
}

function shardOf(callId: string): number {
  let sum = 0;
  for (const letter of callId.slice(-LAST_LETTERS)) sum += letter.charCodeAt(0);
  return sum % DUE_SHARDS;
}
