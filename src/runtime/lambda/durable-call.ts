import { createAwsDriver } from "../../adapters/calls/aws-driver.ts";
import { openAwsCallRows } from "../../adapters/calls/aws-open.ts";
import { isCallOf } from "../../model/call-ids.ts";
import { isDenied } from "../../adapters/aws/failures.ts";
import type { SendQueue } from "../../adapters/aws/sqs.ts";
import { EXIT_STATUS, userExitStatus } from "../../adapters/functions/aws-exit-status.ts";
import { PermissionDeniedError } from "../../model/errors.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { Delivery, QueuedDelivery } from "../../wire/delivery.ts";
import { containerClients } from "./clients.ts";
import { type DurableEnd, type DurableInputParams, runDurableInput } from "./durable-input.ts";
import { writeFailureRecord } from "./failure-record.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { type LambdaInstance, notLoaded } from "./instance.ts";
import type { LastWords, QueuePlace } from "./watchdog-thread.ts";

/** One delivery of a durable call, as an invocation brought it. */
export interface DurableInvocation {
  readonly delivery: Delivery;
  /** Whether it is a message of the Function's queue, and no event. */
  readonly queued: boolean;
  /** The message, as its queue knows it. */
  readonly message: QueuedDelivery["message"];
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
 * success; and before it ends, it is done with the message, or hands it to the next container.
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
    const received = placeOf(settings, invocation);
    if (core.poison !== null) {
      await withReceived(received, (queue, receiptHandle) => queue.giveBack(receiptHandle));
      return instance.end(EXIT_STATUS.notStarted);
    }
    if (queued)
      instance.atExit(({ exitCode }) => instance.sayNow(wordsOf(instance, invocation, `exit status ${userExitStatus(exitCode ?? 0)}`)));
    // Before the lease is acquired: a process that dies of its module has not started the call.
    const ready = await instance.start().then(
      (spec) => ({ spec }),
      (error: unknown) => ({ error }),
    );
    const end = await runDurableInput(delivery, paramsOf(instance, calls, invocation, ready)).catch(
      async (thrown: unknown): Promise<DurableEnd> => {
        const error = failureOf(instance, delivery, thrown);
        if (!queued) throw error;
        await enqueue(writeFailureRecord(delivery, requestId, error.name, error.message), 0);
        return { ran: false, terminate: false };
      },
    );
    instance.atExit(null);
    core.flush(undefined);
    if (!end.terminate) return;
    await withReceived(received, (queue, receiptHandle) => queue.remove(receiptHandle));
    instance.end(EXIT_STATUS.cancelled);
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
  return {
    ...calls,
    ref: { app: settings.app, name: settings.fn },
    retries: "error" in ready ? undefined : ready.spec.retries,
    requestId: invocation.requestId,
    endsAtMs: invocation.endsAtMs(),
    async run(envelope) {
      if ("error" in ready) return notLoaded(core, ready.error);
      const words = invocation.queued ? wordsOf(instance, invocation, "signal: virtual timer expired") : null;
      const result = await instance.run(ready.spec, envelope, words);
      log.count(result, envelope.attempt, envelope.callId);
      return result;
    },
    cancel: (inputId) => core.cancel(inputId),
  };
}

/** What is said when the process ends in the middle of a message; of an event Lambda itself says it. */
function wordsOf({ settings }: LambdaInstance, invocation: DurableInvocation, how: string): LastWords {
  const { delivery, requestId } = invocation;
  const body = writeFailureRecord(delivery, requestId, "Runtime.ExitError", `Runtime exited with error: ${how}`);
  return { message: { queueUrl: settings.dispatcherQueueUrl, body }, received: placeOf(settings, invocation) };
}

/** Where the message of an invocation lies. A Function's queue is one of the same account and region as its dispatcher's. */
function placeOf({ dispatcherQueueUrl }: LambdaEnvironment, { message }: DurableInvocation): QueuePlace | undefined {
  if (message === undefined) return undefined;
  const queueUrl = `${dispatcherQueueUrl.slice(0, dispatcherQueueUrl.lastIndexOf("/"))}/${message.queue}`;
  return { queueUrl, receiptHandle: message.receiptHandle };
}

/** A message that can't be settled comes back by itself, and finds its delivery over. */
async function withReceived(
  received: QueuePlace | undefined,
  settle: (queue: SendQueue, receiptHandle: string) => Promise<void>,
): Promise<void> {
  if (received === undefined) return;
  await settle((await containerClients()).queue(received.queueUrl), received.receiptHandle).catch(() => undefined);
}

/** Why a delivery could not be done. A denial is said in the call's log, since no attempt will come further. */
function failureOf({ log, settings }: LambdaInstance, { callId }: Delivery, thrown: unknown): Error {
  const denial = denialOf(settings, thrown);
  if (denial !== undefined) log.system(denial.message, callId);
  return denial ?? (thrown instanceof Error ? thrown : new TypeError(String(thrown)));
}

/** The denial of what a container needs, in words of ours that keep AWS's; `undefined` for anything else. */
function denialOf({ fn }: LambdaEnvironment, thrown: unknown): PermissionDeniedError | undefined {
  if (!isDenied(thrown)) return undefined;
  if (thrown instanceof PermissionDeniedError) return thrown;
  const { message } = thrown as Error;
  return new PermissionDeniedError(`The role of Function "${fn}" may not do what its durable calls need. AWS says: ${message}`, {
    cause: thrown,
    hint: "Deploy the App again, which gives the role its rights, or look for what denies them.",
  });
}
