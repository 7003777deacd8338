import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { type AwsClientOptions, sharedOptions } from "./client-options.ts";
import { newClient } from "./new-client.ts";

/** The operations on a bucket that values need. Rejections are the SDK's own. */
export interface S3Api {
  put(bucket: string, key: string, bytes: Uint8Array): Promise<void>;
  get(bucket: string, key: string): Promise<Uint8Array>;
  destroy(): void;
}

const MAX_SOCKETS = 100;
const OBJECT_TIMEOUT_MS = 300_000;

/** Makes the client. */
export function createS3Api(options: AwsClientOptions): S3Api {
  const endpoint = options.endpoint ?? process.env["AWS_ENDPOINT_URL_S3"] ?? process.env["AWS_ENDPOINT_URL"] ?? "";
  const shared = sharedOptions(options, { maxSockets: MAX_SOCKETS, requestTimeoutMs: OBJECT_TIMEOUT_MS });
  const client = newClient(
    () =>
      new S3Client({
        ...shared,
        // An emulator has no host name for each bucket.
        ...(endpoint === "" ? undefined : { forcePathStyle: true }),
        // The wire notices what is cut off; a checksum of its own would make a stream of the body.
        requestChecksumCalculation: "WHEN_REQUIRED",
        responseChecksumValidation: "WHEN_REQUIRED",
      }),
  );
  return {
    async put(bucket, key, bytes) {
      await client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: bytes }));
    },
    async get(bucket, key) {
      const answer = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    },
    destroy: () => client.destroy(),
  };
}
