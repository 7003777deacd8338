import { createValueStore } from "../../adapters/functions/aws-values.ts";
import { outputObject } from "../../model/aws-names.ts";
import { decodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import type { LambdaAnswer, Packed } from "../../wire/lambda-payload.ts";
import { containerClients } from "./clients.ts";
import type { LambdaEnvironment } from "./environment.ts";

/** Reads the envelope of an input that its caller put into the bucket. */
export async function readLargeInput({ bucket }: LambdaEnvironment, key: string): Promise<Envelope> {
  const { text, parts } = await storeOf(bucket).get(key);
  return decodeEnvelope(text, parts);
}

/** Puts an answer that is too large for Lambda into the bucket. */
export async function storeLargeAnswer(
  { app, bucket, fn }: LambdaEnvironment,
  { attempt, callId, inputId }: Envelope,
  answer: Packed,
): Promise<LambdaAnswer> {
  // The inputs of a map are one call, so the call's id alone would not tell their values apart.
  const key = outputObject(app, fn, `${callId}/${inputId}`, attempt);
  await storeOf(bucket).put(key, answer);
  return { s3: key };
}

// --- Internal helpers ---

function storeOf(bucket: string): ReturnType<typeof createValueStore> {
  return createValueStore(containerClients, () => Promise.resolve(bucket));
}
