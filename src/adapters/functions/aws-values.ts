import type { Packed } from "../../wire/lambda-payload.ts";
import { packObject, unpackObject } from "../../wire/value-object.ts";
import type { AwsClients } from "../aws/clients.ts";
import { awsError } from "../aws/failures.ts";

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
  throw awsError(thrown, { service: "Amazon S3", action, resource: `s3://${bucket}/${key}` });
}
