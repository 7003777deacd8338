import { setTimeout as sleep } from "node:timers/promises";
import { callsTable } from "../../model/aws-names.ts";
import { durableCallId } from "../../model/call-ids.ts";
import { type CallState, isEnded } from "../../model/call-state.ts";
import { NotFoundError, PermissionDeniedError, TenonError } from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { CallsPort } from "../../ports/calls.ts";
import { asDurable } from "../../wire/durable-envelope.ts";
import { inputDigest } from "../../wire/input-digest.ts";
import type { AwsCallRows, CallAddress, CallRecord } from "./aws-rows.ts";
import { awsError, readAwsFailure } from "../aws/failures.ts";
import type { SendDelivery } from "./aws-deliveries.ts";
import { expiredCall, otherInput, unfinishedCall, unknownCall, unstartedCall } from "./errors.ts";
import { AWS_GET_POLL_MAX_MS, AWS_GET_POLL_MIN_MS, AWS_OUTCOME_ROW_MS, CALL_RETENTION_MS } from "./limits.ts";

/** What the durable calls of one environment on AWS stand on. */
export interface AwsCallsParams {
  readonly environment: string;
  readonly rows: AwsCallRows;
  readonly sendDelivery: SendDelivery;
  /** Rejects with `NotFoundError` for a Function that is not deployed. */
  readonly checkFunction: (ref: FunctionRef) => Promise<void>;
}

/**
 * Durable calls as rows in DynamoDB: a call is accepted when its rows are written. Its Function is told of it; when that is
 * lost, the dispatcher of its App tells it again.
 */
export function createAwsCalls({ environment, rows, sendDelivery, checkFunction }: AwsCallsParams): CallsPort {
  const tell: SendDelivery = async (ref, delivery, params) => {
    try {
      await sendDelivery(ref, delivery, params);
    } catch (error) {
      const refusal = refusalOf(ref, environment, error);
      if (refusal !== undefined) throw refusal;
      // It is accepted: the dispatcher looks for calls that nobody has started.
    }
  };
  const { asked, find, look } = callReader(environment, rows);

  return {
    async spawn(ref, envelope) {
      await checkFunction(ref);
      const durable = asDurable(environment, ref, envelope);
      const { callId } = durable;
      const { isNew, input } = await asked("dynamodb:PutItem", rows.insert(ref, durable, Date.now()));
      const known = isNew ? undefined : await find(callId);
      if (known?.input !== undefined && known.input !== inputDigest(durable)) throw otherInput(ref, envelope.callId);
      // Also for a known call: its first caller may have died before it could tell. A delivery that is over does nothing. When
      // the row is gone that says so, it must not begin anew.
      const isOver = known !== undefined && known.createdAtMs + AWS_OUTCOME_ROW_MS < Date.now();
      if (!isOver) await tell(ref, { callId, delivery: 1, input });
      return callId;
    },

    idOf: (ref, callId) => Promise.resolve(durableCallId(environment, ref, callId)),

    async get(callId, { timeoutMs, signal } = {}) {
      const endsAt = timeoutMs === undefined ? Number.POSITIVE_INFINITY : performance.now() + timeoutMs;
      signal?.throwIfAborted();
      const address = await find(callId);
      for (let pauseMs = AWS_GET_POLL_MIN_MS; ; pauseMs = Math.min(AWS_GET_POLL_MAX_MS, pauseMs * 1.5)) {
        signal?.throwIfAborted();
        const record = await look(callId, address);
        if (isEnded(record.state)) return rows.outcome(callId, record);
        const leftMs = endsAt - performance.now();
        if (leftMs <= 0) throw (isUnstarted(record.state) ? unstartedCall : unfinishedCall)(callId, timeoutMs ?? 0);
        await sleep(Math.min(pauseMs, leftMs), undefined, signal === undefined ? {} : { signal }).catch(() => {});
      }
    },

    async cancel(callId, { terminateContainers = false } = {}) {
      const address = await find(callId);
      const { ref } = address;
      const { state } = await look(callId, address);
      if (isEnded(state)) return;
      await asked("dynamodb:PutItem", rows.wantCancel(callId, terminateContainers, Date.now()));
      // Only its Function may write that it is cancelled, and runs nothing for that. One that runs looks by itself.
      if (state.status === "pending") await tell(ref, { callId, delivery: state.delivery }, { event: true });
    },

    async status(callId) {
      const address = await find(callId);
      const { state, finishedAtMs } = await look(callId, address);
      return {
        callId,
        ref: address.ref,
        state: state.status,
        attempt: state.attempt,
        createdAtMs: address.createdAtMs,
        ...(finishedAtMs === undefined ? {} : { finishedAtMs }),
      };
    },
  };
}

// --- Internal helpers ---

function isUnstarted({ status, attempt }: CallState): boolean {
  return status === "pending" && attempt === 0;
}

/** How calls are read by those who have their ids. */
interface CallReader {
  /** What the rows answer. An error of AWS becomes one of Tenon, which says what was asked. */
  asked<T>(action: string, answer: Promise<T>): Promise<T>;
  /** Rejects with `NotFoundError`. */
  find(callId: string): Promise<CallAddress>;
  /** Rejects with `OutputExpiredError`. */
  look(callId: string, address: CallAddress): Promise<CallRecord>;
}

function callReader(environment: string, rows: AwsCallRows): CallReader {
  const asked: CallReader["asked"] = (action, answer) =>
    answer.catch((error: unknown) => {
      if (TenonError.is(error)) throw error;
      throw awsError(error, { service: "Amazon DynamoDB", action, resource: `the table ${callsTable(environment)}` });
    });
  return {
    asked,
    async find(callId) {
      const address = await asked("dynamodb:GetItem", rows.address(callId));
      if (address === undefined) throw unknownCall(callId, environment);
      return address;
    },
    async look(callId, { createdAtMs }) {
      const record = await asked("dynamodb:GetItem", rows.look(callId));
      if (record.finishedAtMs !== undefined && record.finishedAtMs + CALL_RETENTION_MS < Date.now())
        throw expiredCall(callId, record.finishedAtMs);
      // The row of an outcome is removed before that of the input.
      if (record.row === undefined && createdAtMs + AWS_OUTCOME_ROW_MS < Date.now()) throw expiredCall(callId, createdAtMs);
      return record;
    },
  };
}

/** The error of a delivery that will never be taken; `undefined` for one that may be taken later. */
function refusalOf(ref: FunctionRef, environment: string, error: unknown): Error | undefined {
  if (error instanceof NotFoundError || error instanceof PermissionDeniedError) return error;
  const { kind } = readAwsFailure(error);
  const what = `Function "${ref.name}" of App "${ref.app}"`;
  if (kind === "missing")
    return functionNotFound(ref, { where: `environment "${environment}" on AWS`, cause: error, hint: "Deploy the App." });
  if (kind === "denied")
    return new PermissionDeniedError(`${what} may not be called from here: ${(error as Error).message}`, {
      cause: error,
      hint: "Allow the caller lambda:InvokeFunction on it, and sqs:SendMessage on its queue if it has maxContainers. In a Function of another App, name it by RemoteFunction.fromName at module level.",
    });
  return undefined;
}
