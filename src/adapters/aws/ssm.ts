import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClientOptions } from "./client-options.ts";
import { isAwsFailure } from "./failures.ts";
import { openClient } from "./open-client.ts";

/** A parameter. */
export interface Parameter {
  readonly value: string;
  /** It says the account and the region. */
  readonly arn: string;
}

/** The operations on the parameter store that Apps need. Rejections are the SDK's own. */
export interface SsmApi {
  /** `undefined` for a parameter that is not there. */
  get(name: string): Promise<Parameter | undefined>;
  destroy(): void;
}

const MAX_SOCKETS = 10;
const PARAMETER_TIMEOUT_MS = 30_000;

/** Makes the client. */
export function createSsmApi(options: AwsClientOptions): SsmApi {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: PARAMETER_TIMEOUT_MS, service: "ssm" } as const;
  const client = openClient(options, limits, (shared) => new SSMClient(shared));
  return {
    async get(name) {
      try {
        const { Parameter: found } = await client.send(new GetParameterCommand({ Name: name }));
        return { value: found?.Value ?? "", arn: found?.ARN ?? "" };
      } catch (error) {
        if (isAwsFailure(error, "missing")) return undefined;
        throw error;
      }
    },
    destroy: () => client.destroy(),
  };
}
