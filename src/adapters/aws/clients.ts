import type { AwsClientOptions } from "./client-options.ts";
import { createLambdaApi, type LambdaApi } from "./lambda.ts";
import { createS3Api, type S3Api } from "./s3.ts";
import { createSsmApi, type SsmApi } from "./ssm.ts";

/** The services that Tenon's runtime talks to; each client is made when it is first used. */
export interface AwsClients {
  readonly lambda: LambdaApi;
  readonly s3: S3Api;
  readonly ssm: SsmApi;
  /** Closes the sockets of those that were made. */
  destroy(): void;
}

/** Makes the clients. This file brings the AWS SDK along: import it when the first operation needs it. */
export function createAwsClients(options: AwsClientOptions): AwsClients {
  let lambda: LambdaApi | undefined;
  let s3: S3Api | undefined;
  let ssm: SsmApi | undefined;
  return {
    get lambda() {
      return (lambda ??= createLambdaApi(options));
    },
    get s3() {
      return (s3 ??= createS3Api(options));
    },
    get ssm() {
      return (ssm ??= createSsmApi(options));
    },
    destroy() {
      for (const made of [lambda, s3, ssm]) made?.destroy();
    },
  };
}
