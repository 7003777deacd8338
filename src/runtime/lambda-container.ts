import { join } from "node:path";
import { lazyAwsClients } from "../adapters/aws/lazy-clients.ts";
import { createAwsDriver } from "../adapters/calls/aws-driver.ts";
import { openAwsCallRows } from "../adapters/calls/aws-open.ts";
import { createValueStore } from "../adapters/functions/aws-values.ts";
import { startedTooLate } from "../adapters/functions/errors.ts";
import { outputObject } from "../model/aws-names.ts";
import { FunctionTimeoutError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { inputContext } from "../sdk/context.ts";
import { createStackMapper } from "../util/source-map.ts";
import { decodeDurableTurn, type DurableTurn, encodeDurableTurn } from "../wire/durable-turn.ts";
import { decodeEnvelope, type Envelope } from "../wire/envelope.ts";
import { encodeError } from "../wire/error-codec.ts";
import { createFrameWriter, FrameType } from "../wire/frame.ts";
import { type LambdaAnswer, packAnswer, packAnswerText, readRequest } from "../wire/lambda-payload.ts";
import { encodeResult } from "../wire/result.ts";
import { runDurableInput } from "./durable-input.ts";
import { catchFaults } from "./faults.ts";
import type { RunningInput } from "./input.ts";
import { postAnswer } from "./lambda-answer.ts";
import type { LambdaEnvironment } from "./lambda-environment.ts";
import { loadFunction } from "./lambda-load.ts";
import { createLambdaLog } from "./lambda-output.ts";
import { createItemSink, finishStream, type ResponseStream } from "./lambda-stream.ts";
import { createWatchdog, WATCHDOG_GRACE_MS } from "./lambda-watchdog.ts";
import { attemptTimeout, createLoop, type ItemSink, type Loop } from "./loop.ts";

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
export function createLambdaContainer(world: LambdaEnvironment): LambdaContainer {
  const exit = process.exit.bind(process);
  const clients = lazyAwsClients({});
  const store = createValueStore(clients.get, () => Promise.resolve(world.bucket));
  const callRows = openAwsCallRows(clients.get, { table: world.callsTable, bucket: () => Promise.resolve(world.bucket) });
  const later = async (body: string, delayMs: number): Promise<void> =>
    (await clients.get()).queue(world.dispatcherQueueUrl).send(body, delayMs);
  const watchdog = createWatchdog(new URL("./watchdog.mjs", import.meta.url));
  const log = createLambdaLog(world, () => inputContext.getStore() as RunningInput | undefined);
  const appFile = join(world.taskRoot, "app.mjs");
  const stackOptions = { mapStack: createStackMapper(appFile, `${appFile}.map`, world.taskRoot) };
  /** The invocation that waits for an answer. */
  let open: { readonly requestId: string; readonly streamed: boolean } | null = null;
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
      // A stream can only be ended by its own connection; its caller sees the exit code.
      if (open !== null && !open.streamed) watchdog.answerNow(open.requestId, answerText(failed(error)));
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
    loadFunction(world, appFile),
    new Promise<never>((_, reject) => {
      failLoading = reject;
    }),
  ]).then(({ spec, body }) => {
    loop = createLoop({ spec, body, ...stackOptions, onPoisoned: (reason) => (poison = reason) });
    return { spec, loop };
  });
  // The first invocation says it.
  loading.catch(() => undefined);
  /** Waits for the App from the first invocation on: before it the environment may stand still for hours. */
  const start = (): typeof loading => (starting ??= withinStartup(loading, world));
  let starting: typeof loading | undefined;

  /** Answers past the runtime client, then ends the process. */
  const answerAndEnd = async (result: AttemptResult, requestId: string, streamed: boolean): Promise<never> => {
    log.flush(undefined);
    const { text, parts } = encodeResult(result);
    const writer = createFrameWriter();
    writer.add(FrameType.result, 0, text, parts);
    await postAnswer(world.runtimeApi, requestId, streamed ? Buffer.concat(writer.take()) : answerText(result), streamed);
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
    open = { requestId, streamed };
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
      watchdog.arm(requestId, Date.now() + ready.spec.timeoutMs + WATCHDOG_GRACE_MS, streamed ? null : answerText(late));
      const running = ready.loop;
      result = await running.run(
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

  /** One turn of a durable call. Nobody reads its answer: what counts is what was written, and whether the event failed. */
  const durable = async (turn: DurableTurn, context: LambdaContext): Promise<LambdaAnswer> => {
    const { awsRequestId: requestId } = context;
    if (poison !== null) {
      await later(encodeDurableTurn({ callId: turn.callId, fn: turn.fn, turn: turn.turn }), 0);
      return answerAndEnd({ status: "not-started", reason: `the container ends: ${poison}`, retryAfterMs: 0 }, requestId, false);
    }
    // Before the lease is taken: a process that dies of its module has not started the call.
    const ready = await start().catch((error: unknown) => ({ error }));
    const startedAtMs = Date.now();
    const end = await runDurableInput(turn, {
      ref: { app: world.app, name: world.fn },
      retries: "error" in ready ? undefined : ready.spec.retries,
      rows: callRows,
      driver: createAwsDriver({ rows: callRows, later }),
      requestId,
      endsAtMs: startedAtMs + context.getRemainingTimeInMillis(),
      async run(envelope) {
        if ("error" in ready) return notLoaded(ready.error);
        // Without an answer: the event must fail, so that Lambda's record of it reaches the dispatcher.
        watchdog.arm(requestId, Date.now() + ready.spec.timeoutMs + WATCHDOG_GRACE_MS, null);
        const result = await ready.loop.run(envelope);
        watchdog.disarm();
        log.flush(envelope.inputId);
        log.count(result, Date.now() - startedAtMs);
        return result;
      },
      cancel: (inputId) => ("error" in ready ? undefined : ready.loop.cancel(inputId)),
    });
    log.flush(undefined);
    if ("error" in ready) return answerAndEnd(notLoaded(ready.error), requestId, false);
    if (end.terminate) return answerAndEnd({ status: "lost", reason: "a cancel ended the container" }, requestId, false);
    return { result: null, parts: [] };
  };

  return {
    async handle(event, context) {
      const turn = decodeDurableTurn(event);
      if (turn !== undefined) return durable(turn, context);
      const { awsRequestId } = context;
      const { result, envelope } = await run(event, awsRequestId, false);
      const encoded = encodeResult(result);
      let answer = packAnswer(encoded);
      if (answer === null && envelope !== null) {
        // The inputs of a map are one call, so the call's id alone would not tell their values apart.
        const key = outputObject(world.app, world.fn, `${envelope.callId}/${envelope.inputId}`, envelope.attempt);
        try {
          await store.put(key, encoded);
          answer = { s3: key };
        } catch (error) {
          answer = packAnswer(encodeResult(failed(error)));
        }
      }
      open = null;
      return answer ?? { result: null, parts: [] };
    },
    async stream(event, response, { awsRequestId }) {
      const { result } = await run(event, awsRequestId, true, (cancel) => createItemSink(response, cancel));
      await finishStream(response, encodeResult(result));
      open = null;
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
