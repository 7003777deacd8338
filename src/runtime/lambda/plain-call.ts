import { EXIT_STATUS } from "../../adapters/functions/aws-exit-status.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { type LambdaAnswer, type Packed, packAnswer, readRequest } from "../../wire/lambda-payload.ts";
import { encodeResult } from "../../wire/result.ts";
import type { ItemSink } from "../loop.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { type LambdaInstance, notLoaded } from "./instance.ts";
import { createItemSink, finishStream, finishStreamNow, type ResponseStream } from "./stream.ts";

/** Calls whose caller waits for the answer of the invocation. */
export interface PlainCalls {
  answer(event: unknown): Promise<LambdaAnswer>;
  /** Of a generator: items and the end go into the stream. */
  stream(event: unknown, response: ResponseStream): Promise<void>;
}

/** Makes them. */
export function createPlainCalls(instance: LambdaInstance): PlainCalls {
  const { core } = instance;
  return {
    async answer(event) {
      const { result, envelope } = await runInvocation(instance, event);
      const encoded = encodeResult(result);
      const answer = packAnswer(encoded) ?? (envelope && (await storeAnswer(instance, envelope, encoded)));
      return answer ?? { result: null, parts: [] };
    },
    async stream(event, response) {
      const sinkOf = (inputId: string, { timeoutMs }: FunctionSpec): ItemSink =>
        createItemSink(response, timeoutMs, () => core.cancel(inputId));
      // Where items have left, Lambda would not say how the process ended.
      instance.atExit((error) => finishStreamNow(response, encodeResult(core.failed(error))));
      const { result } = await runInvocation(instance, event, sinkOf);
      await finishStream(response, encodeResult(result));
      instance.atExit(null);
    },
  };
}

// --- Internal helpers ---

interface Ran {
  readonly result: AttemptResult;
  /** `null` when the event holds none that can be read. */
  readonly envelope: Envelope | null;
}

/** Runs the input of one invocation. An environment that can't be trusted any more starts nothing, and ends. */
async function runInvocation(
  instance: LambdaInstance,
  event: unknown,
  sinkOf?: (inputId: string, spec: FunctionSpec) => ItemSink,
): Promise<Ran> {
  const { core, log } = instance;
  if (core.poison !== null) return instance.end(EXIT_STATUS.notStarted);
  let spec: FunctionSpec;
  try {
    spec = await instance.start();
  } catch (error) {
    return { result: notLoaded(core, error), envelope: null };
  }
  let envelope: Envelope | null = null;
  let result: AttemptResult;
  try {
    envelope = await readEnvelope(event, instance.settings);
    result = await instance.run(spec, envelope, null, sinkOf?.(envelope.inputId, spec));
  } catch (error) {
    result = core.failed(error);
  }
  core.flush(undefined);
  log.count(result, envelope?.attempt ?? 1, envelope?.callId);
  return { result, envelope };
}

async function readEnvelope(event: unknown, settings: LambdaEnvironment): Promise<Envelope> {
  const request = readRequest(event);
  if ("envelope" in request) return request.envelope;
  const { readLargeInput } = await import("./large-values.ts");
  return readLargeInput(settings, request.s3);
}

/** The answer that is too large for Lambda; or, when it can't be stored, why. */
async function storeAnswer({ core, settings }: LambdaInstance, envelope: Envelope, encoded: Packed): Promise<LambdaAnswer | null> {
  try {
    const { storeLargeAnswer } = await import("./large-values.ts");
    return await storeLargeAnswer(settings, envelope, encoded);
  } catch (error) {
    return packAnswer(encodeResult(core.failed(error)));
  }
}
