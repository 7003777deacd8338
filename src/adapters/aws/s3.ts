import {
  type _Error as Left,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";
import { ownedBucket } from "./owned-bucket.ts";

/** An object as a list has it. */
export interface ListedObject {
  readonly key: string;
  /** When it was written; epoch milliseconds. */
  readonly writtenAtMs: number;
}

/** The operations on a bucket that values need. Rejections are the SDK's own. */
export interface S3Api {
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>;
  get(bucket: string, key: string): Promise<Uint8Array>;
  /** Like `get`; `undefined` for an object that is not there. */
  find(bucket: string, key: string): Promise<Uint8Array | undefined>;
  /** Removes objects, whether or not they are there; rejects when one of them stays. */
  remove(bucket: string, keys: readonly string[]): Promise<void>;
  /** Objects whose keys begin with `prefix`, by pages in the order of their keys, beginning after a key. */
  list(bucket: string, prefix: string, after?: string): AsyncGenerator<readonly ListedObject[], void, void>;
  destroy(): void;
}

/** How often an object is read whose body is cut off. */
const READ_TRIES = 3;
/** Keys that one DeleteObjects takes. */
const MAX_REMOVED = 1_000;
const MAX_SOCKETS = 100;
const OBJECT_TIMEOUT_MS = 300_000;

/** Makes the client. */
export function createS3Api(options: AwsClientOptions): S3Api {
  const endpoint = options.endpoint ?? process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"] ?? "";
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: OBJECT_TIMEOUT_MS, service: "s3" } as const;
  const client = openClient(
    options,
    limits,
    (shared) =>
      new S3Client({
        ...shared,
        // An emulator has no host name for each bucket.
        ...(endpoint === "" ? undefined : { forcePathStyle: true }),
        // The wire notices what is cut off; a checksum of its own would make a stream of the body.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
      }),
  );
  const get = async (bucket: string, key: string): Promise<Uint8Array> => {
    for (let tries = 1; ; tries++) {
      const { Body } = await client.send(new GetObjectCommand({ ...ownedBucket(bucket), Key: key }));
      try {
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      } catch (error) {
        // The SDK repeats requests, but no body that is cut off.
        if (tries === READ_TRIES) throw error;
      }
    }
  };
  return {
    get,
    async put(bucket, key, bytes) {
      await client.send(new PutObjectCommand({ ...ownedBucket(bucket), Key: key, Body: bytes }));
    },
    async find(bucket, key) {
      try {
        return await get(bucket, key);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
    async remove(bucket, keys) {
      for (let from = 0; from < keys.length; from += MAX_REMOVED) {
        const Objects = keys.slice(from, from + MAX_REMOVED).map((Key) => ({ Key }));
        const { Errors: left = [] } = await client.send(
          new DeleteObjectsCommand({ ...ownedBucket(bucket), Delete: { Objects, Quiet: true } }),
        );
        if (left.length > 0) throw notRemoved(left);
      }
    },
    async *list(bucket, prefix, after) {
      let token: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ ...ownedBucket(bucket), Prefix: prefix, StartAfter: after, ContinuationToken: token }),
        );
        yield (page.Contents ?? []).map(({ Key = "", LastModified }) => ({ key: Key, writtenAtMs: LastModified?.getTime() ?? 0 }));
        token = page.NextContinuationToken;
      } while (token !== undefined);
    },
    destroy: () => client.destroy(),
  };
}

// --- Internal helpers ---

/** An error as of one request, for objects that a request for many has left. */
function notRemoved(left: readonly Left[]): S3ServiceException {
  const [first] = left;
  const message = `${left.length} objects were not removed, ${first?.Key ?? ""} among them: ${first?.Message ?? ""}`;
  return new S3ServiceException({ name: first?.Code ?? "InternalError", message, $fault: "server", $metadata: { httpStatusCode: 500 } });
}
