import { join } from "node:path";
import { lazyAwsClients } from "../../adapters/aws/lazy-clients.ts";
import { createAwsDriver } from "../../adapters/calls/aws-driver.ts";
import { openAwsCallRows } from "../../adapters/calls/aws-open.ts";
import { createValueStore } from "../../adapters/functions/aws-values.ts";
import { startedTooLate } from "../../adapters/functions/errors.ts";
import { outputObject } from "../../model/aws-names.ts";
import { FunctionTimeoutError, type ProcessExitError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { inputContext } from "../../context/context.ts";
import { createStackMapper } from "../../util/source-map.ts";
import { decodeDelivery, decodeQueuedDelivery, type Delivery, encodeDelivery } from "../../wire/delivery.ts";
import { decodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { createFrameWriter, FrameType } from "../../wire/frame.ts";
import { type LambdaAnswer, packAnswer, packAnswerText, readRequest } from "../../wire/lambda-payload.ts";
import { encodeResult } from "../../wire/result.ts";
import { runDurableInput } from "./durable-input.ts";
import { writeFailureRecord } from "./failure-record.ts";
import { catchFaults } from "../faults.ts";
import type { RunningInput } from "../input.ts";
import { postAnswer } from "./answer.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { loadFunction } from "./load.ts";
import { createLambdaLog } from "./output.ts";
import { createItemSink, finishStream, type ResponseStream } from "./stream.ts";
import { createWatchdog, WATCHDOG_GRACE_MS } from "./watchdog.ts";
import type { LastWords } from "./watchdog-thread.ts";
import { attemptTimeout, createLoop, type ItemSink, type Loop } from "../loop.ts";

/** What Tenon reads of Lambda's context. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The two handlers of a Lambda function: one input at a time. */
export interface LambdaContainer {
  handle(event: unknown, context: LambdaContext): Promise<LambdaAnswer>;
  stream(event: unknown, response: ResponseStream, context: LambdaContext): Promise<void>;
}

/** Makes the container; faults and output are caught from now on, and the App begins to load. */
export function createLambdaContainer(settings: LambdaEnvironment): LambdaContainer {
  const exit = process.exit.bind(process);
  const clients = lazyAwsClients({});
  const store = createValueStore(clients.get, () => Promise.resolve(settings.bucket));
  const callRows = openAwsCallRows(clients.get, { table: settings.callsTable, bucket: () => Promise.resolve(settings.bucket) });
  const later = async (body: string, delayMs: number): Promise<void> =>
    (await clients.get()).queue(settings.dispatcherQueueUrl).send(body, delayMs);
  const watchdog = createWatchdog(new URL("./watchdog.mjs", import.meta.url));
  const log = createLambdaLog(settings, () => inputContext.getStore() as RunningInput | undefined);
  const appFile = join(settings.taskRoot, "app.mjs");
  const stackOptions = { mapStack: createStackMapper(appFile, `${appFile}.map`, settings.taskRoot) };
  /** What is to be said when user code ends the process now, where Lambda or the connection does not say it. */
  let lastWords: ((error: ProcessExitError) => LastWords) | null = null;
  let loop: Loop | null = null;
  /** Why the environment can't be trusted any more. */
  let poison: string | null = null;
  let failLoading: (error: unknown) => void = () => undefined;

  const failed = (error: unknown): AttemptResult => ({ status: "failed", error: encodeError(error, stackOptions) });
  const notLoaded = (error: unknown): AttemptResult =>
    error instanceof FunctionTimeoutError ? { status: "timed-out", error: encodeError(error) } : failed(error);
  const answerText = (result: AttemptResult): string => packAnswerText(encodeResult(result)) ?? "";

  catchFaults({
    onExit(error, input) {
      log.flush(input?.inputId);
      log.flush(undefined);
      // A module that ends its process would end it before every input, and often before there is one to be told of it.
      if (loop === null) {
        failLoading(error);
        throw error;
      }
      if (lastWords !== null) watchdog.sayNow(lastWords(error));
    },
    onUncaught(error, input) {
      if (loop === null) {
        failLoading(error);
        return;
      }
      if (input !== undefined && !input.settled) loop.fail(error, input.inputId);
      else log.system(`uncaught after its call had ended: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      poison = "an exception was not caught";
    },
  });
  const loading = Promise.race([
    loadFunction(settings, appFile),
    new Promise<never>((_, reject) => {
      failLoading = reject;
    }),
  ]).then(({ spec, body }) => {
    const made = createLoop({ spec, body, ...stackOptions, onPoisoned: (reason) => (poison = reason) });
    loop = made;
    return {
      spec,
      loop: made,
      /** Runs one input; one is all that a container with `singleUseContainers` takes. */
      async run(envelope: Envelope, sink?: ItemSink): Promise<AttemptResult> {
        const result = await made.run(envelope, sink);
        if (spec.singleUseContainers) poison ??= "it serves one input only";
        return result;
      },
    };
  });
  // The first invocation says it.
  loading.catch(() => undefined);
  /** Waits for the App from the first invocation on: before it the environment may stand still for hours. */
  const start = (): typeof loading => (starting ??= withinStartup(loading, settings));
  let starting: typeof loading | undefined;

  /** Answers past the runtime client, then ends the process. */
  const answerAndEnd = async (result: AttemptResult, requestId: string, streamed: boolean): Promise<never> => {
    log.flush(undefined);
    const { text, parts } = encodeResult(result);
    const writer = createFrameWriter();
    writer.add(FrameType.result, 0, text, parts);
    await postAnswer(settings.runtimeApi, requestId, streamed ? Buffer.concat(writer.take()) : answerText(result), streamed);
    return exit(0);
  };

  const read = async (event: unknown): Promise<Envelope> => {
    const request = readRequest(event);
    if ("envelope" in request) return request.envelope;
    const { text, parts } = await store.get(request.s3);
    return decodeEnvelope(text, parts);
  };

  /** Runs one invocation's input; `null` for an envelope when there is none. */
  const run = async (
    event: unknown,
    requestId: string,
    streamed: boolean,
    sinkOf?: (cancel: () => void) => ItemSink,
  ): Promise<{ readonly result: AttemptResult; readonly envelope: Envelope | null }> => {
    if (poison !== null)
      return answerAndEnd({ status: "not-started", reason: `the container ends: ${poison}`, retryAfterMs: 0 }, requestId, streamed);
    // A stream can only be ended by its own connection; its caller sees the exit code.
    lastWords = streamed ? null : (error) => ({ requestId, answer: answerText(failed(error)) });
    let ready;
    try {
      ready = await start();
    } catch (error) {
      return answerAndEnd(notLoaded(error), requestId, streamed);
    }
    const startedAtMs = Date.now();
    let envelope: Envelope | null = null;
    let result: AttemptResult;
    try {
      envelope = await read(event);
      const { inputId, attempt } = envelope;
      const late: AttemptResult = { status: "timed-out", error: encodeError(attemptTimeout(ready.spec, attempt)) };
      const answer = streamed ? null : answerText(late);
      watchdog.arm(Date.now() + ready.spec.timeoutMs + WATCHDOG_GRACE_MS, { requestId, answer });
      const { loop: running } = ready;
      result = await ready.run(
        envelope,
        sinkOf?.(() => running.cancel(inputId)),
      );
      watchdog.disarm();
      log.flush(inputId);
    } catch (error) {
      result = failed(error);
    }
    log.flush(undefined);
    log.count(result, Date.now() - startedAtMs);
    return { result, envelope };
  };

  /**
   * One delivery of a durable call. Nobody reads its answer: what counts is what was written, and whether the event failed.
   * Lambda's record of a failed event reaches the dispatcher. Of a failed message there is none, and it stays in the way of
   * others until it comes back: so the container tells the dispatcher itself, and the message is done with.
   */
  const durable = async (delivery: Delivery, context: LambdaContext, queued: boolean): Promise<LambdaAnswer> => {
    const { awsRequestId: requestId } = context;
    const exited = (how: string): LastWords => {
      if (!queued) return { requestId, answer: null };
      const body = writeFailureRecord(delivery, requestId, "Runtime.ExitError", `Runtime exited with error: ${how}`);
      return { requestId, answer: "null", message: { queueUrl: settings.dispatcherQueueUrl, body } };
    };
    if (poison !== null) {
      await later(encodeDelivery({ callId: delivery.callId, fn: delivery.fn, delivery: delivery.delivery }), 0);
      return answerAndEnd({ status: "not-started", reason: `the container ends: ${poison}`, retryAfterMs: 0 }, requestId, false);
    }
    if (queued) lastWords = ({ exitCode }) => exited(`exit status ${exitCode}`);
    // Before the lease is taken: a process that dies of its module has not started the call.
    const ready = await start().catch((error: unknown) => ({ error }));
    const startedAtMs = Date.now();
    const end = await runDurableInput(delivery, {
      ref: { app: settings.app, name: settings.fn },
      retries: "error" in ready ? undefined : ready.spec.retries,
      rows: callRows,
      driver: createAwsDriver({ rows: callRows, later }),
      requestId,
      endsAtMs: startedAtMs + context.getRemainingTimeInMillis(),
      async run(envelope) {
        if ("error" in ready) return notLoaded(ready.error);
        watchdog.arm(Date.now() + ready.spec.timeoutMs + WATCHDOG_GRACE_MS, exited("signal: virtual timer expired"));
        const result = await ready.run(envelope);
        watchdog.disarm();
        log.flush(envelope.inputId);
        log.count(result, Date.now() - startedAtMs);
        return result;
      },
      cancel: (inputId) => ("error" in ready ? undefined : ready.loop.cancel(inputId)),
    }).catch(async (error: unknown) => {
      if (!queued) throw error;
      const { name, message } = error as Error;
      await later(writeFailureRecord(delivery, requestId, name, message), 0);
      return { ran: false, terminate: false };
    });
    lastWords = null;
    log.flush(undefined);
    if ("error" in ready) return answerAndEnd(notLoaded(ready.error), requestId, false);
    if (end.terminate) return answerAndEnd({ status: "lost", reason: "a cancel ended the container" }, requestId, false);
    return { result: null, parts: [] };
  };

  return {
    async handle(event, context) {
      const queued = decodeQueuedDelivery(event);
      const delivery = queued ?? decodeDelivery(event);
      if (delivery !== undefined) return durable(delivery, context, delivery === queued);
      const { awsRequestId } = context;
      const { result, envelope } = await run(event, awsRequestId, false);
      const encoded = encodeResult(result);
      let answer = packAnswer(encoded);
      if (answer === null && envelope !== null) {
        // The inputs of a map are one call, so the call's id alone would not tell their values apart.
        const key = outputObject(settings.app, settings.fn, `${envelope.callId}/${envelope.inputId}`, envelope.attempt);
        try {
          await store.put(key, encoded);
          answer = { s3: key };
        } catch (error) {
          answer = packAnswer(encodeResult(failed(error)));
        }
      }
      lastWords = null;
      return answer ?? { result: null, parts: [] };
    },
    async stream(event, response, { awsRequestId }) {
      const { result } = await run(event, awsRequestId, true, (cancel) => createItemSink(response, cancel));
      await finishStream(response, encodeResult(result));
    },
  };
}

// --- Internal helpers ---

/** Rejects with `FunctionTimeoutError` when it takes longer than the Function allows from now on. */
function withinStartup<T>(loading: Promise<T>, { fn, startupTimeoutMs }: LambdaEnvironment): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(startedTooLate(fn, startupTimeoutMs)), startupTimeoutMs);
    loading.finally(() => clearTimeout(timer)).then(resolve, reject);
  });
}
