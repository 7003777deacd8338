import { GetParametersByPathCommand, SSMClient } from "@aws-sdk/client-ssm";
import { type AwsClientOptions, sharedOptions } from "./client-options.ts";

/** A parameter. */
export interface Parameter {
  readonly name: string;
  readonly value: string;
  /** It says the account and the region. */
  readonly arn: string;
}

/** The operations on the parameter store that Apps need. Rejections are the SDK's own. */
export interface SsmApi {
  /** Every parameter directly below a path; none when nothing is there. */
  below(path: string): Promise<readonly Parameter[]>;
  destroy(): void;
}

const MAX_SOCKETS = 10;
const PARAMETER_TIMEOUT_MS = 30_000;

/** Makes the client. */
export function createSsmApi(options: AwsClientOptions): SsmApi {
  const client = new SSMClient(sharedOptions(options, { maxSockets: MAX_SOCKETS, requestTimeoutMs: PARAMETER_TIMEOUT_MS }));
  return {
    async below(path) {
      const found: Parameter[] = [];
      let next: string | undefined;
      do {
        const page = await client.send(new GetParametersByPathCommand({ Path: path, ...(next === undefined ? {} : { NextToken: next }) }));
        for (const { Name, Value, ARN } of page.Parameters ?? []) found.push({ name: Name ?? "", value: Value ?? "", arn: ARN ?? "" });
        next = page.NextToken;
      } while (next !== undefined && next !== "");
      return found;
    },
    destroy: () => client.destroy(),
  };
}
