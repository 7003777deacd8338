import { isEnded, type CallState } from "../../model/call-state.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult, Outcome } from "../../model/outcome.ts";
import type { RowReader, RowWriter } from "../../util/rows.ts";
import type { Partition } from "./local-partitions.ts";
import { decodeEnvelope, encodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { inputDigest } from "../../wire/input-digest.ts";
import { decodeResult, encodeResult } from "../../wire/result.ts";
import { deleteMessage, getMessage, putMessage } from "./local-messages.ts";
import { CALL_RETENTION_MS } from "./limits.ts";

/** The small row that holds the state of a call; its values are in rows of their own. */
export interface ControlRow {
  readonly ref: FunctionRef;
  readonly partition: Partition;
  readonly state: CallState;
  /** The key of the row that lists it among its partition's unfinished calls; `null` once it has ended. */
  readonly place: string | null;
  readonly createdAtMs: number;
  readonly finishedAtMs: number | null;
  /** Which input it was accepted with: {@link inputDigest}. A row of an older Tenon has none. */
  readonly input?: string;
  /** Whether a requested cancel also ends the container. */
  readonly terminate?: boolean;
}

/** The keys of one environment's calls. Names and ids hold no `#`. */
export interface CallKeys {
  control(callId: string): string;
  input(ref: FunctionRef, callId: string): string;
  value(callId: string): string;
  /** Calls that may start, by Function, oldest first. */
  ready(partition: Partition, fn?: string): string;
  /** Calls that wait for their retry, by the time it is due. */
  delayed(partition: Partition): string;
  /** Calls that were handed out, by who holds them. */
  held(partition: Partition, owner?: string): string;
  /** Running calls that are to be cancelled. */
  cancel(partition: Partition): string;
  /** Ended calls, oldest first. */
  ended(): string;
}

/** The keys of one environment's calls. */
export function callKeys(environment: string): CallKeys {
  return {
    control: (callId) => `out#${environment}#${callId}`,
    input: (ref, callId) => `in#${environment}#${ref.app}#${ref.name}#${callId}`,
    value: (callId) => `value#${environment}#${callId}`,
    ready: (partition, fn) => `ready#${environment}#${partition}#${fn === undefined ? "" : `${fn}#`}`,
    delayed: (partition) => `delayed#${environment}#${partition}#`,
    held: (partition, owner) => `held#${environment}#${partition}#${owner === undefined ? "" : `${owner}#`}`,
    cancel: (partition) => `cancel#${environment}#${partition}#`,
    ended: () => `ended#${environment}#`,
  };
}

/** The last part of a key. */
export function lastPart(key: string): string {
  return key.slice(key.lastIndexOf("#") + 1);
}

/** Milliseconds as they sort in a key. */
export function sortableMs(ms: number): string {
  return String(Math.max(0, Math.ceil(ms))).padStart(14, "0");
}

/** Accepts a call; says `false` and writes nothing when its id is known with another input. */
export function insertCall(
  rows: RowWriter,
  keys: CallKeys,
  partition: Partition,
  ref: FunctionRef,
  envelope: Envelope,
  state: CallState,
  nowMs: number,
): boolean {
  const { callId } = envelope;
  const input = inputDigest(envelope);
  const known = rows.get<ControlRow>(keys.control(callId));
  if (known !== undefined) return (known.input ?? input) === input;
  putMessage(rows, keys.input(ref, callId), encodeEnvelope(envelope));
  const control: ControlRow = { ref, partition, state, place: null, createdAtMs: nowMs, finishedAtMs: null, input };
  putControl(rows, keys, callId, control, state, nowMs);
  return true;
}

/**
 * Writes a call's next state and lists it where that state belongs. With an outcome its input is removed: it is not
 * read again, and it may be large.
 */
export function putControl(
  rows: RowWriter,
  keys: CallKeys,
  callId: string,
  row: ControlRow,
  state: CallState,
  nowMs: number,
  outcome?: Outcome,
): void {
  const place = placeOf(keys, callId, row, state);
  if (place !== row.place) {
    if (row.place !== null) rows.delete(row.place);
    if (place !== null) rows.put(place, 1);
  }
  const ended = isEnded(state);
  rows.put(keys.control(callId), { ...row, state, place, finishedAtMs: ended ? nowMs : null } satisfies ControlRow);
  if (!ended) return;
  if (outcome !== undefined) putMessage(rows, keys.value(callId), encodeResult(outcome));
  deleteMessage(rows, keys.input(row.ref, callId));
  rows.delete(`${keys.cancel(row.partition)}${callId}`);
  rows.put(`${keys.ended()}${sortableMs(nowMs)}#${callId}`, 1);
}

/** A call's input; `undefined` when its row is gone. Throws `VersionError` for one of another Tenon. */
export function readInput(rows: RowReader, keys: CallKeys, ref: FunctionRef, callId: string): Envelope | undefined {
  const message = getMessage(rows, keys.input(ref, callId));
  return message === undefined ? undefined : decodeEnvelope(message.text, message.parts);
}

/** An ended call's outcome; `undefined` when its row is gone. */
export function readOutcome(rows: RowReader, keys: CallKeys, callId: string): AttemptResult | undefined {
  const message = getMessage(rows, keys.value(callId));
  return message === undefined ? undefined : decodeResult(message.text, message.parts);
}

/**
 * Drops the outcomes that ended before the retention, and after twice that time what is known of their calls, at
 * most `limit` of them. Until then a late caller learns that the output has expired.
 */
export function collectExpired(rows: RowWriter, keys: CallKeys, nowMs: number, limit = 1_000): number {
  let collected = 0;
  for (const { key, value } of rows.range<number>(keys.ended(), { limit })) {
    const callId = lastPart(key);
    const dueAtMs = Number(lastPart(key.slice(0, -callId.length - 1)));
    if (dueAtMs + CALL_RETENTION_MS >= nowMs) break;
    rows.delete(key);
    if (value === 1) {
      deleteMessage(rows, keys.value(callId));
      rows.put(`${keys.ended()}${sortableMs(nowMs)}#${callId}`, 2);
    } else {
      rows.delete(keys.control(callId));
    }
    collected += 1;
  }
  return collected;
}

// --- Internal helpers ---

function placeOf(keys: CallKeys, callId: string, row: ControlRow, state: CallState): string | null {
  if (state.status === "running") return `${keys.held(row.partition, state.lease)}${callId}`;
  if (state.status !== "pending") return null;
  return state.notBeforeMs > 0
    ? `${keys.delayed(row.partition)}${sortableMs(state.notBeforeMs)}#${callId}`
    : `${keys.ready(row.partition, row.ref.name)}${sortableMs(row.createdAtMs)}#${callId}`;
}
