import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { type LambdaAnswer, type Packed, packAnswer, readRequest } from "../../wire/lambda-payload.ts";
import { encodeResult } from "../../wire/result.ts";
import { attemptTimeout } from "../errors.ts";
import type { ItemSink } from "../loop.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { answerText, type LambdaInstance, notLoaded, notTaken } from "./instance.ts";
import { createItemSink, finishStream, type ResponseStream } from "./stream.ts";

/** Calls whose caller waits for the answer of the invocation. */
export interface PlainCalls {
  answer(event: unknown, requestId: string): Promise<LambdaAnswer>;
  /** Of a generator: items and the end go into the stream. */
  stream(event: unknown, response: ResponseStream, requestId: string): Promise<void>;
}

/** Makes them. */
export function createPlainCalls(instance: LambdaInstance): PlainCalls {
  const { core } = instance;
  return {
    async answer(event, requestId) {
      const { result, envelope } = await runInvocation(instance, { event, requestId, streamed: false });
      const encoded = encodeResult(result);
      const answer = packAnswer(encoded) ?? (envelope && (await storeAnswer(instance, envelope, encoded)));
      instance.sayAtExit(null);
      return answer ?? { result: null, parts: [] };
    },
    async stream(event, response, requestId) {
      const sinkOf = (inputId: string): ItemSink => createItemSink(response, () => core.cancel(inputId));
      const { result } = await runInvocation(instance, { event, requestId, streamed: true }, sinkOf);
      await finishStream(response, encodeResult(result));
    },
  };
}

// --- Internal helpers ---

interface Invocation {
  readonly event: unknown;
  readonly requestId: string;
  readonly streamed: boolean;
}

interface Ran {
  readonly result: AttemptResult;
  /** `null` when the event holds none that can be read. */
  readonly envelope: Envelope | null;
}

/** Runs the input of one invocation. An environment that can't run any more answers, and ends. */
async function runInvocation(instance: LambdaInstance, invocation: Invocation, sinkOf?: (inputId: string) => ItemSink): Promise<Ran> {
  const { core, log } = instance;
  const { requestId, streamed } = invocation;
  if (core.poison !== null) return instance.endWith(notTaken(core.poison), requestId, streamed);
  // A stream can only be ended by its own connection; its caller sees the exit code.
  instance.sayAtExit(streamed ? null : (error) => ({ requestId, answer: answerText(core.failed(error)) }));
  let spec: FunctionSpec;
  try {
    spec = await instance.start();
  } catch (error) {
    return instance.endWith(notLoaded(core, error), requestId, streamed);
  }
  const startedAtMs = Date.now();
  let envelope: Envelope | null = null;
  let result: AttemptResult;
  try {
    envelope = await readEnvelope(invocation.event, instance.settings);
    const late: AttemptResult = { status: "timed-out", error: encodeError(attemptTimeout(spec, envelope.attempt)) };
    const words = { requestId, answer: streamed ? null : answerText(late) };
    result = await instance.run(spec, envelope, words, sinkOf?.(envelope.inputId));
  } catch (error) {
    result = core.failed(error);
  }
  core.flush(undefined);
  log.count(result, Date.now() - startedAtMs);
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
