import { createAwsDriver } from "../../adapters/calls/aws-driver.ts";
import { openAwsCallRows } from "../../adapters/calls/aws-open.ts";
import { isCallOf } from "../../model/call-ids.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import { type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { containerClients } from "./clients.ts";
import { type DurableEnd, type DurableInputParams, runDurableInput } from "./durable-input.ts";
import { writeFailureRecord } from "./failure-record.ts";
import { type LambdaInstance, notLoaded, notTaken } from "./instance.ts";
import type { LastWords } from "./watchdog-thread.ts";

/** One delivery of a durable call, as an invocation brought it. */
export interface DurableInvocation {
  readonly delivery: Delivery;
  /** Whether it is a message of the Function's queue, and no event. */
  readonly queued: boolean;
  readonly requestId: string;
  /** Epoch milliseconds at which Lambda ends the invocation. */
  readonly endsAtMs: () => number;
}

/** Runs deliveries of durable calls. */
export type DurableCalls = (invocation: DurableInvocation) => Promise<void>;

/**
 * Makes what runs deliveries. The answer to a delivery is not read. What counts is what was written, and whether the
 * invocation failed. Lambda's record of a failed event reaches the dispatcher. A failed message has no record, and it
 * holds up the messages behind it until it comes back. So the container tells the dispatcher itself, and answers with
 * success.
 */
export function createDurableCalls(instance: LambdaInstance): DurableCalls {
  const { core, settings } = instance;
  const enqueue = async (body: string, delayMs: number): Promise<void> =>
    (await containerClients()).queue(settings.dispatcherQueueUrl).send(body, delayMs);
  const rows = openAwsCallRows(containerClients, { table: settings.callsTable, bucket: () => Promise.resolve(settings.bucket) });
  const calls = { rows, driver: createAwsDriver({ rows, later: enqueue }) };

  return async (invocation) => {
    const { delivery, queued, requestId } = invocation;
    // Whoever may call this Function could name a call of another one, whose rows its role reaches as well.
    if (!isCallOf(settings.environment, { app: settings.app, name: settings.fn }, delivery.callId))
      return instance.log.system(`${delivery.callId} is no call of this Function: its delivery is dropped`);
    if (core.poison !== null) {
      await enqueue(encodeDelivery({ callId: delivery.callId, fn: delivery.fn, delivery: delivery.delivery }), 0);
      return instance.endWith(notTaken(core.poison), requestId, false);
    }
    if (queued) instance.sayAtExit(({ exitCode }) => wordsOf(instance, invocation, `exit status ${exitCode}`));
    // Before the lease is acquired: a process that dies of its module has not started the call.
    const ready = await instance.start().then(
      (spec) => ({ spec }),
      (error: unknown) => ({ error }),
    );
    const end = await runDurableInput(delivery, paramsOf(instance, calls, invocation, ready)).catch(
      async (error: unknown): Promise<DurableEnd> => {
        if (!queued) throw error;
        const { name, message } = error as Error;
        await enqueue(writeFailureRecord(delivery, requestId, name, message), 0);
        return { ran: false, terminate: false };
      },
    );
    instance.sayAtExit(null);
    core.flush(undefined);
    if ("error" in ready) return instance.endWith(notLoaded(core, ready.error), requestId, false);
    if (end.terminate) return instance.endWith({ status: "lost", reason: "a cancel ended the container" }, requestId, false);
  };
}

// --- Internal helpers ---

/** The Function, or why it could not be loaded. */
type Ready = { readonly spec: FunctionSpec } | { readonly error: unknown };

function paramsOf(
  instance: LambdaInstance,
  calls: Pick<DurableInputParams, "rows" | "driver">,
  invocation: DurableInvocation,
  ready: Ready,
): DurableInputParams {
  const { core, log, settings } = instance;
  const startedAtMs = Date.now();
  return {
    ...calls,
    ref: { app: settings.app, name: settings.fn },
    retries: "error" in ready ? undefined : ready.spec.retries,
    requestId: invocation.requestId,
    endsAtMs: invocation.endsAtMs(),
    async run(envelope) {
      if ("error" in ready) return notLoaded(core, ready.error);
      const result = await instance.run(ready.spec, envelope, wordsOf(instance, invocation, "signal: virtual timer expired"));
      log.count(result, Date.now() - startedAtMs);
      return result;
    },
    cancel: (inputId) => core.cancel(inputId),
  };
}

/** What is said when the process ends in the middle of a delivery; of an event Lambda itself says it. */
function wordsOf({ settings }: LambdaInstance, { delivery, queued, requestId }: DurableInvocation, how: string): LastWords {
  if (!queued) return { requestId, answer: null };
  const body = writeFailureRecord(delivery, requestId, "Runtime.ExitError", `Runtime exited with error: ${how}`);
  return { requestId, answer: "null", message: { queueUrl: settings.dispatcherQueueUrl, body } };
}
