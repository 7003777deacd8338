import {
  DeleteTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTableCommand,
  waitUntilTableNotExists,
} from "@aws-sdk/client-dynamodb";
import { DeleteBucketCommand, DeleteObjectsCommand, HeadBucketCommand, ListObjectVersionsCommand, S3Client } from "@aws-sdk/client-s3";
import { setTimeout as sleep } from "node:timers/promises";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";
import { ownedBucket } from "./owned-bucket.ts";

/** What an environment keeps when its stack is deleted: a table and a bucket. Rejections are the SDK's own. */
export interface EnvironmentDataApi {
  /** Whether the bucket is there; also `true` for one that the caller may not look at. */
  hasBucket(bucket: string): Promise<boolean>;
  /** Takes the deletion protection off a table. One that is not there is no error. */
  unprotectTable(table: string): Promise<void>;
  /** Deletes a table and waits until it is gone. One that is not there is no error. */
  deleteTable(table: string): Promise<void>;
  /** Deletes a bucket and every version of every object in it. One that is not there is no error. */
  deleteBucket(bucket: string): Promise<void>;
  destroy(): void;
}

const LIMITS = { maxSockets: 10, requestTimeoutMs: 60_000 };
const TABLE_WAIT_SECONDS = 300;
const TABLE_POLL_MS = 500;

/** Makes the clients. */
export function createEnvironmentDataApi(options: AwsClientOptions): EnvironmentDataApi {
  const dynamo = openClient(options, LIMITS, (shared) => new DynamoDBClient(shared));
  const endpoint = options.endpoint ?? process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"] ?? "";
  // An emulator has no host name for each bucket.
  const s3 = openClient(
    options,
    LIMITS,
    (shared) => new S3Client({ ...shared, ...(endpoint === "" ? undefined : { forcePathStyle: true }) }),
  );
  return {
    hasBucket: (bucket) =>
      s3.send(new HeadBucketCommand(ownedBucket(bucket))).then(
        () => true,
        (error: { readonly $metadata?: { readonly httpStatusCode?: number } }) => {
          if (error.$metadata?.httpStatusCode === 404) return false;
          if (error.$metadata?.httpStatusCode === 403) return true;
          throw error;
        },
      ),

    async unprotectTable(table) {
      const found = await unlessMissing(dynamo.send(new DescribeTableCommand({ TableName: table })));
      if (found?.Table?.DeletionProtectionEnabled !== true) return;
      await dynamo.send(new UpdateTableCommand({ TableName: table, DeletionProtectionEnabled: false }));
      await untilActive(dynamo, table);
    },

    async deleteTable(table) {
      if ((await unlessMissing(dynamo.send(new DeleteTableCommand({ TableName: table })))) === undefined) return;
      await waitUntilTableNotExists({ client: dynamo, maxWaitTime: TABLE_WAIT_SECONDS, minDelay: 1 }, { TableName: table });
    },

    async deleteBucket(bucket) {
      while (await deleteSome(s3, bucket));
      await unlessMissing(s3.send(new DeleteBucketCommand(ownedBucket(bucket))));
    },

    destroy() {
      dynamo.destroy();
      s3.destroy();
    },
  };
}

// --- Internal helpers ---

/** A table whose protection has just been changed can't be deleted for a moment. */
async function untilActive(dynamo: DynamoDBClient, table: string): Promise<void> {
  const endsAtMs = Date.now() + TABLE_WAIT_SECONDS * 1_000;
  while (Date.now() < endsAtMs) {
    const { Table } = await dynamo.send(new DescribeTableCommand({ TableName: table }));
    if (Table?.TableStatus === "ACTIVE") return;
    await sleep(TABLE_POLL_MS);
  }
}

/** Deletes at most a thousand versions of objects; says whether there were any. */
async function deleteSome(s3: S3Client, bucket: string): Promise<boolean> {
  const found = await unlessMissing(s3.send(new ListObjectVersionsCommand(ownedBucket(bucket))));
  const Objects = [...(found?.Versions ?? []), ...(found?.DeleteMarkers ?? [])].map(({ Key, VersionId }) => ({ Key, VersionId }));
  if (Objects.length === 0) return false;
  const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ ...ownedBucket(bucket), Delete: { Objects, Quiet: true } }));
  // Each object answers for itself: without this the loop would never end.
  const [first] = Errors;
  if (first !== undefined)
    throw Object.assign(new TypeError(`${first.Key}: ${first.Message}`), { name: first.Code, $metadata: { httpStatusCode: 403 } });
  return true;
}

/** An answer, or `undefined` when there is no such table or bucket. */
async function unlessMissing<T>(answer: Promise<T>): Promise<T | undefined> {
  return answer.catch((error: unknown) => {
    if (error instanceof Error && ["ResourceNotFoundException", "NoSuchBucket"].includes(error.name)) return undefined;
    throw error;
  });
}
