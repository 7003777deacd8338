import {
  CALL_REF_SORT_KEY,
  callInPartition,
  callOutPartition,
  callRefPartition,
  inputObject,
  outputObject,
} from "../../model/aws-names.ts";
import { initialCall, isEnded, type CallState } from "../../model/call-state.ts";
import { InternalFailure } from "../../model/errors.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { Outcome } from "../../model/outcome.ts";
import { lazyCrypto } from "../../util/lazy-crypto.ts";
import { encodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import type { Packed } from "../../wire/lambda-payload.ts";
import { decodeResult, encodeResult } from "../../wire/result.ts";
import type { RowKey, Table, TableRow } from "../aws/dynamodb.ts";
import type { ValueStore } from "../functions/aws-values.ts";
import { messagesIn } from "./aws-messages.ts";
import { AWS_CALL_ROW_MS, AWS_OUTCOME_ROW_MS } from "./limits.ts";

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
}

/**
 * The rows of durable calls on AWS.
 *
 * `in#<app>#<fn>` is written by callers: an input at the call's id until the call has ended, beside it
 * (`<callId>#cancel`) a cancel request. `out#<app>#<fn>` is written by that Function and its App's dispatcher: state
 * and outcome. `call#<callId>` says which Function a call belongs to; it is written together with the input, both or
 * neither, which makes the call id an idempotency key.
 */
export interface AwsCallRows {
  /** Accepts a call, or says `false` when its id is known; `input` comes back when it is small enough to be sent along. */
  insert(ref: FunctionRef, envelope: Envelope, nowMs: number): Promise<{ readonly isNew: boolean; readonly input: Packed | undefined }>;
  address(callId: string): Promise<CallAddress | undefined>;
  read(ref: FunctionRef, callIds: readonly string[]): Promise<readonly CallRecord[]>;
  /** The encoded envelope; `undefined` when it is gone. */
  input(ref: FunctionRef, callId: string): Promise<Packed | undefined>;
  wantCancel(ref: FunctionRef, callId: string, terminate: boolean, nowMs: number): Promise<void>;
  cancelWanted(ref: FunctionRef, callId: string): Promise<CallRecord["cancel"]>;
  /** Writes the next state if the call still stands where `before` says; says whether it stands at `next` now. */
  write(ref: FunctionRef, callId: string, before: CallRecord, next: CallState, more: WriteMore): Promise<boolean>;
  /** The outcome of an ended call. Throws `InternalFailure` when it is missing. */
  outcome(callId: string, record: CallRecord): Promise<Outcome>;
  /** Removes an ended call's input and its cancel request. */
  forget(ref: FunctionRef, callId: string): Promise<void>;
  /** The calls of a Function that have an input, which are those that have not ended, and when they were accepted. */
  unfinished(ref: FunctionRef): AsyncGenerator<{ readonly callId: string; readonly createdAtMs: number }, void, void>;
}

/** What is written beside a call's state. */
export interface WriteMore {
  readonly nowMs: number;
  readonly retries?: RetryPolicy | undefined;
  readonly outcome?: Outcome | undefined;
}

const CANCEL_SUFFIX = "#cancel";

/** The rows in this table, with large inputs and outcomes in these objects. */
export function createAwsCallRows(table: Table, values: ValueStore): AwsCallRows {
  const { store, load } = messagesIn(values);
  return {
    async insert(ref, envelope, nowMs) {
      const { callId } = envelope;
      const message = encodeEnvelope(envelope);
      const stored = await store(message, () => inputObject(ref.app, ref.name, callId, envelope.inputId));
      const both = { createdAt: nowMs, expiresAt: epochSeconds(nowMs + AWS_CALL_ROW_MS) };
      const isNew = await table.create([
        { ...inKey(ref, callId), ...both, ...stored },
        { ...refKey(callId), ...both, app: ref.app, fn: ref.name },
      ]);
      return { isNew, input: isNew && stored["s3"] === undefined ? message : undefined };
    },

    async address(callId) {
      const row = await table.get(refKey(callId));
      if (row === undefined) return undefined;
      return { ref: { app: String(row["app"]), name: String(row["fn"]) }, createdAtMs: Number(row["createdAt"]) };
    },

    async read(ref, callIds) {
      const rows = await table.getMany(callIds.flatMap((callId) => [outKey(ref, callId), cancelKey(ref, callId)]));
      return callIds.map((_, i) => recordOf(rows[2 * i], rows[2 * i + 1]));
    },

    async input(ref, callId) {
      const row = await table.get(inKey(ref, callId));
      return row === undefined ? undefined : load(row);
    },

    async wantCancel(ref, callId, terminate, nowMs) {
      const row = { ...cancelKey(ref, callId), expiresAt: epochSeconds(nowMs + AWS_CALL_ROW_MS) };
      // A later cancel request that asks for less takes nothing back.
      if (terminate) await table.put({ ...row, terminate: "yes" });
      else await table.swap(row, "terminate", undefined);
    },

    async cancelWanted(ref, callId) {
      return cancelRequestOf(await table.get(cancelKey(ref, callId)));
    },

    async write(ref, callId, before, next, { nowMs, retries = before.retries, outcome }) {
      const stored = outcome === undefined ? {} : await store(encodeResult(outcome), () => outcomeObject(ref, callId, next.delivery));
      const writer = lazyCrypto().randomUUID();
      const row: TableRow = {
        ...outKey(ref, callId),
        state: JSON.stringify(next),
        writer,
        retries: retries === undefined ? undefined : JSON.stringify(retries),
        ...stored,
        ...(isEnded(next) ? { finishedAt: nowMs, expiresAt: epochSeconds(nowMs + AWS_OUTCOME_ROW_MS) } : {}),
      };
      if (await table.swap(row, "state", before.written)) return true;
      // The answer to a write that was done may be lost, and the repeat of it refused.
      return (await table.get(outKey(ref, callId)))?.["writer"] === writer;
    },

    async outcome(callId, record) {
      const message = record.row === undefined ? undefined : await load(record.row);
      const outcome = message === undefined ? undefined : decodeResult(message.text, message.parts);
      if (outcome !== undefined && outcome.status !== "lost" && outcome.status !== "not-started") return outcome;
      throw new InternalFailure(`Call "${callId}" has ended (${record.state.status}), but its output is missing.`, {
        hint: "Look whether the bucket of the environment was emptied: outputs stay in it for 7 days after their call ended.",
      });
    },

    async forget(ref, callId) {
      await Promise.all([table.delete(inKey(ref, callId)), table.delete(cancelKey(ref, callId))]);
    },

    async *unfinished(ref) {
      for await (const row of table.query(callInPartition(ref.app, ref.name), ["pk", "sk", "createdAt"])) {
        if (!row.sk.endsWith(CANCEL_SUFFIX)) yield { callId: row.sk, createdAtMs: Number(row["createdAt"]) };
      }
    },
  };
}

// --- Internal helpers ---

function inKey(ref: FunctionRef, callId: string): RowKey {
  return { pk: callInPartition(ref.app, ref.name), sk: callId };
}

function cancelKey(ref: FunctionRef, callId: string): RowKey {
  return { pk: callInPartition(ref.app, ref.name), sk: callId + CANCEL_SUFFIX };
}

function outKey(ref: FunctionRef, callId: string): RowKey {
  return { pk: callOutPartition(ref.app, ref.name), sk: callId };
}

function refKey(callId: string): RowKey {
  return { pk: callRefPartition(callId), sk: CALL_REF_SORT_KEY };
}

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
