import { deniedAction, failedOperation, unreachable } from "./errors.ts";
import { type Packed, packObject, unpackObject } from "../../wire/lambda-payload.ts";
import type { AwsClients } from "../aws/clients.ts";

/** The bucket of an environment, for values that are too large for a payload. */
export interface ValueStore {
  put(key: string, value: Packed): Promise<void>;
  get(key: string): Promise<Packed>;
}

/** Makes the store; the bucket's name is asked for when the first value needs it. */
export function createValueStore(clients: () => Promise<AwsClients>, bucket: () => Promise<string>): ValueStore {
  return {
    async put(key, value) {
      const name = await bucket();
      const { s3 } = await clients();
      await s3.put(name, key, packObject(value)).catch((error: unknown) => fail("s3:PutObject", name, key, error));
    },
    async get(key) {
      const name = await bucket();
      const { s3 } = await clients();
      return unpackObject(await s3.get(name, key).catch((error: unknown) => fail("s3:GetObject", name, key, error)));
    },
  };
}

// --- Internal helpers ---

function fail(action: string, bucket: string, key: string, thrown: unknown): never {
  const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
  const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
  if (error.name === "AccessDenied" || status === 403) throw deniedAction(action, `s3://${bucket}/${key}`, error);
  if (status === undefined) throw unreachable("Amazon S3", error);
  throw failedOperation(`${action} of s3://${bucket}/${key}`, error);
}
