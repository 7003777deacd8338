import { inputObject, outputObject } from "../../model/aws-names.ts";
import { headOfCall } from "../../model/call-ids.ts";
import { initialCall, isEnded, type CallState } from "../../model/call-state.ts";
import { InternalFailure } from "../../model/errors.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { Outcome } from "../../model/outcome.ts";
import { lazyCrypto } from "../../util/lazy-crypto.ts";
import { encodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { inputDigest } from "../../wire/input-digest.ts";
import type { Packed } from "../../wire/lambda-payload.ts";
import { decodeResult, encodeResult } from "../../wire/result.ts";
import type { Table } from "../aws/dynamodb.ts";
import type { TableRow } from "../aws/table-row.ts";
import type { ValueStore } from "../functions/aws-values.ts";
import { cancelKey, dueKey, inKey, outKey } from "./aws-keys.ts";
import { bytesOf, messagesIn } from "./aws-messages.ts";
import { ALONG_MESSAGE_BYTES, AWS_CALL_ROW_MS, AWS_OUTCOME_ROW_MS } from "./limits.ts";

/** What a call stands at, as its row says; of a call that nobody has started, what that means. */
export interface CallRecord {
  readonly state: CallState;
  /** The state as it was read, for a conditional write; `undefined` without a row. */
  readonly written: string | undefined;
  readonly finishedAtMs: number | undefined;
  /** How its Function retries, noted by whoever started it first. */
  readonly retries: RetryPolicy | undefined;
  /** Whether somebody wants it to end, and its container with it. */
  readonly cancel: "no" | "call" | "container";
  /** The row itself, which holds the outcome of an ended call or says where it is. */
  readonly row: TableRow | undefined;
}

/** To which Function a call belongs, and since when. */
export interface CallAddress {
  readonly ref: FunctionRef;
  readonly createdAtMs: number;
  /** Which input it was accepted with: {@link inputDigest}. A row of an older Tenon has none. */
  readonly input: string | undefined;
}

/**
 * The rows of durable calls on AWS. Each call has partitions of its own, which follow from its id: DynamoDB takes 1,000
 * writes a second in one. A role reaches partitions by the beginning of the ids of its App, or of one Function.
 *
 * `in#<head>#<id>` is written by callers: the input, which makes the id an idempotency key, and a cancel request.
 * `out#<head>#<id>` is written by its Function and its App's dispatcher: state and outcome. `due#<head>#<shard>` lists the
 * Function's calls that have not ended: a marker is written before its input, and removed after its outcome.
 */
export interface AwsCallRows {
  /** Accepts a call, or says `false` when its id is known; `input` comes back when it is small enough to be sent along. */
  insert(ref: FunctionRef, envelope: Envelope, nowMs: number): Promise<{ readonly isNew: boolean; readonly input: Packed | undefined }>;
  /** `undefined` for a call that was never accepted, and for an id that is none of a durable call. */
  address(callId: string): Promise<CallAddress | undefined>;
  /** What a call stands at, with its cancel request. */
  read(callIds: readonly string[]): Promise<readonly CallRecord[]>;
  /** What a call stands at, for those who wait for it: no cancel request is looked for. */
  look(callId: string): Promise<CallRecord>;
  /** The encoded envelope; `undefined` when it is gone. */
  input(callId: string): Promise<Packed | undefined>;
  wantCancel(callId: string, terminate: boolean, nowMs: number): Promise<void>;
  cancelWanted(callId: string): Promise<CallRecord["cancel"]>;
  /** Writes the next state if the call still stands where `before` says; says whether it stands at `next` now. */
  write(ref: FunctionRef, callId: string, before: CallRecord, next: CallState, more: WriteMore): Promise<boolean>;
  /** The outcome of an ended call. Throws `InternalFailure` when it is missing. */
  outcome(callId: string, record: CallRecord): Promise<Outcome>;
  /** Removes the marker of a call that has ended, or that was never accepted. */
  forget(callId: string): Promise<void>;
}

/** What is written beside a call's state. */
export interface WriteMore {
  readonly nowMs: number;
  readonly retries?: RetryPolicy | undefined;
  readonly outcome?: Outcome | undefined;
}

/** The rows in this table, with large inputs and outcomes in these objects. */
export function createAwsCallRows(table: Table, values: ValueStore): AwsCallRows {
  const { store, load } = messagesIn(values);
  return {
    async insert(ref, envelope, nowMs) {
      const { callId } = envelope;
      const message = encodeEnvelope(envelope);
      const stored = await store(message, () => inputObject(ref.app, ref.name, callId, envelope.inputId));
      const both = { createdAt: nowMs, expiresAt: epochSeconds(nowMs + AWS_CALL_ROW_MS) };
      // First: an accepted call that no sweep finds could be lost.
      await table.put({ ...dueKey(callId), ...both });
      const row = { ...inKey(callId), ...both, app: ref.app, fn: ref.name, input: inputDigest(envelope), ...stored };
      const isNew = await table.swap(row, "createdAt", undefined);
      return { isNew, input: isNew && bytesOf(message) <= ALONG_MESSAGE_BYTES ? message : undefined };
    },

    async address(callId) {
      const row = headOfCall(callId) === undefined ? undefined : await table.get(inKey(callId));
      if (row === undefined) return undefined;
      const input = row["input"] as string | undefined;
      return { ref: { app: String(row["app"]), name: String(row["fn"]) }, createdAtMs: Number(row["createdAt"]), input };
    },

    async read(callIds) {
      const rows = await table.getMany(callIds.flatMap((callId) => [outKey(callId), cancelKey(callId)]));
      return callIds.map((_, i) => recordOf(rows[2 * i], rows[2 * i + 1]));
    },

    async look(callId) {
      return recordOf(await table.get(outKey(callId)), undefined);
    },

    async input(callId) {
      const row = await table.get(inKey(callId));
      return row === undefined ? undefined : load(row);
    },

    async wantCancel(callId, terminate, nowMs) {
      const row = { ...cancelKey(callId), expiresAt: epochSeconds(nowMs + AWS_CALL_ROW_MS) };
      // A later cancel request that asks for less takes nothing back.
      if (terminate) await table.put({ ...row, terminate: "yes" });
      else await table.swap(row, "terminate", undefined);
    },

    async cancelWanted(callId) {
      return cancelRequestOf(await table.get(cancelKey(callId)));
    },

    async write(ref, callId, before, next, { nowMs, retries = before.retries, outcome }) {
      const stored = outcome === undefined ? {} : await store(encodeResult(outcome), () => outcomeObject(ref, callId, next.delivery));
      const writer = lazyCrypto().randomUUID();
      const row: TableRow = {
        ...outKey(callId),
        state: JSON.stringify(next),
        writer,
        retries: retries === undefined ? undefined : JSON.stringify(retries),
        ...stored,
        ...(isEnded(next) ? { finishedAt: nowMs, expiresAt: epochSeconds(nowMs + AWS_OUTCOME_ROW_MS) } : {}),
      };
      if (await table.swap(row, "state", before.written)) return true;
      // The answer to a write that was done may be lost, and the repeat of it refused.
      return (await table.get(outKey(callId)))?.["writer"] === writer;
    },

    async outcome(callId, record) {
      const message = record.row === undefined ? undefined : await load(record.row);
      const outcome = message === undefined ? undefined : decodeResult(message.text, message.parts);
      if (outcome !== undefined && outcome.status !== "lost" && outcome.status !== "not-started") return outcome;
      throw new InternalFailure(`Call "${callId}" has ended (${record.state.status}), but its output is missing.`, {
        hint: "Look whether the bucket of the environment was emptied: outputs stay in it for 7 days after their call ended.",
      });
    },

    forget: (callId) => table.delete(dueKey(callId)),
  };
}

// --- Internal helpers ---

/** By delivery, not by attempt: one that was lost keeps its number, and a late write of it must not replace the outcome. */
function outcomeObject(ref: FunctionRef, callId: string, delivery: number): string {
  return outputObject(ref.app, ref.name, callId, delivery);
}

function recordOf(row: TableRow | undefined, cancel: TableRow | undefined): CallRecord {
  const written = row?.["state"] as string | undefined;
  const retries = row?.["retries"] as string | undefined;
  return {
    state: written === undefined ? initialCall() : (JSON.parse(written) as CallState),
    written,
    finishedAtMs: row?.["finishedAt"] as number | undefined,
    retries: retries === undefined ? undefined : (JSON.parse(retries) as RetryPolicy),
    cancel: cancelRequestOf(cancel),
    row,
  };
}

function cancelRequestOf(cancel: TableRow | undefined): CallRecord["cancel"] {
  if (cancel === undefined) return "no";
  return cancel["terminate"] === "yes" ? "container" : "call";
}

function epochSeconds(ms: number): number {
  return Math.ceil(ms / 1_000);
}
