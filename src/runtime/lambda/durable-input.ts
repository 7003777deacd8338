import { isDenied } from "../../adapters/aws/failures.ts";
import type { AwsDriver } from "../../adapters/calls/aws-driver.ts";
import type { AwsCallRows, CallRecord } from "../../adapters/calls/aws-rows.ts";
import { AWS_CANCEL_POLL_MS, AWS_LEASE_SPARE_MS } from "../../adapters/calls/limits.ts";
import { NotFoundError, TenonError } from "../../model/errors.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Delivery } from "../../wire/delivery.ts";
import { decodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";

/** What runs one delivery of a durable call inside a Function's Lambda. */
export interface DurableInputParams {
  readonly ref: FunctionRef;
  /** The Function's, when it could be loaded. They are noted with the lease, so that others can go on without this process. */
  readonly retries: RetryPolicy | undefined;
  readonly rows: AwsCallRows;
  readonly driver: AwsDriver;
  /** Lambda's id of this request. */
  readonly requestId: string;
  /** Epoch milliseconds at which Lambda ends this invocation. */
  readonly endsAtMs: number;
  /** Runs the input by the loop. */
  readonly run: (envelope: Envelope) => Promise<AttemptResult>;
  /** Asks the loop to end an input. */
  readonly cancel: (inputId: string) => void;
}

/** What became of a delivery. */
export interface DurableEnd {
  /** Whether a body was run: not when the delivery was over, or its call cancelled. */
  readonly ran: boolean;
  /** Whether the cancel request wants the container to end as well. */
  readonly terminate: boolean;
}

/**
 * Does one delivery of a durable call: acquires its lease, runs it, writes how it ended.
 *
 * When it resolves, the outcome is written, or the next delivery is in the dispatcher's queue, or the delivery was over
 * already: the handler returns success. When it rejects, the dispatcher must be told, and goes on from there: by Lambda's
 * record of a failed event, or by a record of the handler's own for a message of a queue.
 */
export async function runDurableInput(delivery: Delivery, params: DurableInputParams): Promise<DurableEnd> {
  const { ref, rows, driver } = params;
  const { callId } = delivery;
  const holder = { delivery: delivery.delivery, lease: params.requestId };
  const state = await driver.start(ref, callId, {
    ...holder,
    leaseUntilMs: params.endsAtMs + AWS_LEASE_SPARE_MS,
    retries: params.retries,
  });
  if (state === undefined) {
    // The message of a process that was killed comes back when its lease has ended.
    const [record] = await rows.read([callId]);
    if (record !== undefined) await driver.settle(ref, callId, record);
    return { ran: false, terminate: false };
  }

  const watch = watchForCancel(rows, callId);
  const result = await attempt();
  await driver.finish(ref, callId, { ...holder, result, cancelled: watch.cancelRequest() !== "no" });
  return { ran: true, terminate: watch.cancelRequest() === "container" };

  async function attempt(): Promise<AttemptResult> {
    try {
      const message = delivery.input ?? (await rows.input(callId));
      if (message === undefined) throw new NotFoundError(`The input of call "${callId}" is gone.`);
      const envelope = { ...decodeEnvelope(message.text, message.parts), attempt: state?.attempt ?? 1 };
      watch.begin(() => params.cancel(envelope.inputId));
      return await params.run(envelope);
    } catch (error) {
      // What is denied would be denied to the next attempt too.
      if (isDenied(error)) throw error;
      // An error of Tenon's belongs to the input, and its caller gets it. One of AWS's may pass.
      if (TenonError.is(error)) return { status: "failed", error: encodeError(error) };
      return { status: "lost", reason: `its input could not be read: ${String(error)}` };
    } finally {
      watch.end();
    }
  }
}

// --- Internal helpers ---

interface CancelWatch {
  begin(onCancel: () => void): void;
  end(): void;
  /** What was found so far. */
  cancelRequest(): CallRecord["cancel"];
}

/** Looks every second for a request to cancel a running call. */
function watchForCancel(rows: AwsCallRows, callId: string): CancelWatch {
  let cancelRequest: CallRecord["cancel"] = "no";
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  return {
    cancelRequest: () => cancelRequest,
    begin(onCancel) {
      const look = async (): Promise<void> => {
        // When one look fails, the next one finds the request.
        const found = await rows.cancelWanted(callId).catch(() => "no" as const);
        if (ended) return;
        cancelRequest = found;
        if (cancelRequest === "no") timer = setTimeout(() => void look(), AWS_CANCEL_POLL_MS);
        else onCancel();
      };
      timer = setTimeout(() => void look(), AWS_CANCEL_POLL_MS);
    },
    end() {
      ended = true;
      clearTimeout(timer);
    },
  };
}
