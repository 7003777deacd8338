import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";
import { patiently } from "./patience.ts";

/** A parameter. */
export interface Parameter {
  readonly value: string;
  /** It says the account and the region. */
  readonly arn: string;
}

/** The operations on the parameter store that Apps need. Rejections are the SDK's own. */
export interface SsmApi {
  /**
   * The parameters of these names, at most ten, that are there, by name. One request, whatever their number: an
   * account has 40 a second. One that is throttled is repeated, with jitter, for up to a minute.
   */
  get(names: readonly string[]): Promise<ReadonlyMap<string, Parameter>>;
  destroy(): void;
}

const MAX_SOCKETS = 10;
const PARAMETER_TIMEOUT_MS = 30_000;

/** Makes the client. */
export function createSsmApi(options: AwsClientOptions): SsmApi {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: PARAMETER_TIMEOUT_MS, service: "ssm" } as const;
  const client = openClient(options, limits, (shared) => new SSMClient(shared));
  return {
    async get(names) {
      const { Parameters = [] } = await patiently(() => client.send(new GetParametersCommand({ Names: [...names] })));
      return new Map(Parameters.map(({ Name = "", Value = "", ARN = "" }) => [Name, { value: Value, arn: ARN }]));
    },
    destroy: () => client.destroy(),
  };
}
