import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { AwsClientOptions } from "./client-options.ts";
import { openClient } from "./open-client.ts";

/** Hands events to Lambda functions and does not wait for them. */
export interface LambdaEvents {
  /** Resolves when Lambda has taken the event (`Invoke` of type `Event`, at most 1 MB). Rejections are the SDK's own. */
  send(name: string, payload: string): Promise<void>;
  destroy(): void;
}

const MAX_SOCKETS = 200;
const REQUEST_TIMEOUT_MS = 10_000;

/** Makes the client. An event of a durable call may arrive twice, so the SDK repeats what failed. */
export function createLambdaEvents(options: AwsClientOptions): LambdaEvents {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS, service: "events" } as const;
  const client = openClient(options, limits, (shared) => new LambdaClient({ ...shared, maxAttempts: 6 }));
  return {
    async send(name, payload) {
      await client.send(new InvokeCommand({ FunctionName: name, InvocationType: "Event", Payload: Buffer.from(payload) }));
    },
    destroy: () => client.destroy(),
  };
}
