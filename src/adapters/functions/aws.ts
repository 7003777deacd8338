import { functionName, inputObject } from "../../model/aws-names.ts";
import type { EncodedValue } from "../../model/encoded.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { FunctionsPort, InvokeParams } from "../../ports/functions.ts";
import { encodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { FrameType } from "../../wire/frame.ts";
import { createFrameReader } from "../../wire/frame-reader.ts";
import { decodeItem } from "../../wire/item.ts";
import { packRequest, readAnswer, requestByReference } from "../../wire/lambda-invoke.ts";
import { decodeResult } from "../../wire/result.ts";
import type { AwsClients } from "../aws/clients.ts";
import { cancelled, readFunctionError, resultOfFunctionError, resultOfRejection, timedOut, TRUNCATED, type Tried } from "./aws-failure.ts";
import { createValueStore, type ValueStore } from "./aws-values.ts";

/** What the functions of one environment are called with. */
export interface AwsFunctionsOptions {
  readonly environment: string;
  readonly clients: () => Promise<AwsClients>;
  /** The environment's bucket, as far as the caller of this App can tell. */
  readonly bucket: (app: string) => Promise<string>;
}

/** Single attempts on Lambda: `Invoke` for a function, `InvokeWithResponseStream` for a generator. */
export function createAwsFunctions(options: AwsFunctionsOptions): FunctionsPort {
  const { environment, clients } = options;
  const stores = new Map<string, ValueStore>();
  const storeOf = (app: string): ValueStore => {
    let store = stores.get(app);
    if (store === undefined) stores.set(app, (store = createValueStore(clients, () => options.bucket(app))));
    return store;
  };

  const payloadOf = async (ref: FunctionRef, envelope: Envelope): Promise<string> => {
    const encoded = encodeEnvelope(envelope);
    const payload = packRequest(encoded);
    if (payload !== null) return payload;
    const key = inputObject(ref.app, ref.name, envelope.callId, envelope.inputId);
    await storeOf(ref.app).put(key, encoded);
    return requestByReference(envelope.callId, envelope.inputId, key);
  };
  const triedOf = (ref: FunctionRef, envelope: Envelope, signal: AbortSignal | undefined): Tried => ({
    ref,
    attempt: envelope.attempt,
    environment,
    lambda: functionName(environment, ref.app, ref.name),
    signal,
  });

  return {
    async invoke(ref, envelope, params) {
      if (params?.signal?.aborted === true) return cancelled(ref);
      const tried = triedOf(ref, envelope, params?.signal);
      const payload = await payloadOf(ref, envelope);
      const { lambda } = await clients();
      let invoked;
      try {
        invoked = await lambda.invoke(tried.lambda, payload, params?.signal);
      } catch (error) {
        return resultOfRejection(error, tried);
      }
      if (invoked.functionError !== undefined) {
        const { errorType, message } = readFunctionError(invoked.payload);
        return resultOfFunctionError(errorType, message, tried);
      }
      const answer = readAnswer(invoked.payload);
      if ("result" in answer) return answer.result;
      const { text, parts } = await storeOf(ref.app).get(answer.s3);
      return decodeResult(text, parts);
    },
    async *stream(ref: FunctionRef, envelope: Envelope, params?: InvokeParams): AsyncGenerator<EncodedValue, AttemptResult, void> {
      if (params?.signal?.aborted === true) return cancelled(ref);
      // Ends the connection when the consumer stops early; the caller's own signal does so too.
      const controller = new AbortController();
      const signal = params?.signal === undefined ? controller.signal : AbortSignal.any([params.signal, controller.signal]);
      const tried = triedOf(ref, envelope, params?.signal);
      const payload = await payloadOf(ref, envelope);
      const { lambda } = await clients();
      try {
        const frames: Frame[] = [];
        let endsAtMs = Number.POSITIVE_INFINITY;
        const reader = createFrameReader((type, _seq, head, parts) => frames.push({ type, head, parts }));
        for await (const piece of await lambda.invokeStream(tried.lambda, payload, signal)) {
          if ("end" in piece) {
            if (piece.end.errorCode === undefined) break;
            return resultOfEnd(piece.end.errorCode, piece.end.errorDetails, endsAtMs, tried);
          }
          // Copied, since the reader hands out views on memory that the SDK may use again.
          reader.push(Buffer.from(piece.bytes));
          for (const frame of frames.splice(0)) {
            if (frame.type === FrameType.item) yield decodeItem(frame.head, frame.parts);
            else if (frame.type === FrameType.timeLeft) endsAtMs = Date.now() + Number(frame.head);
            else if (frame.type === FrameType.result) return decodeResult(frame.head, frame.parts);
          }
        }
        return { status: "lost", reason: "the stream ended without its last frame" };
      } catch (error) {
        return resultOfRejection(error, tried);
      } finally {
        controller.abort();
      }
    },
  };
}

// --- Internal helpers ---

interface Frame {
  readonly type: FrameType;
  readonly head: string;
  readonly parts: readonly Uint8Array[];
}

/** How a stream ended that failed. Where it broke off, the container has said until when its input may run. */
function resultOfEnd(errorCode: string, details: string | undefined, endsAtMs: number, tried: Tried): AttemptResult {
  if (errorCode === TRUNCATED && Date.now() >= endsAtMs) return timedOut(tried);
  // The details are the JSON that an answer would have been, or plain words.
  return resultOfFunctionError(errorCode, readFunctionError(details ?? "no details").message, tried);
}
