import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { type AwsClientOptions, sharedOptions } from "./client-options.ts";

/** The longest that SQS holds a message back: `DelaySeconds` is 900 at most. */
export const MAX_DELAY_MS = 900_000;

/** A queue that somebody else reads. */
export interface SendQueue {
  /** Resolves when the queue has the message, which it holds back for `delayMs`: whole seconds, at most {@link MAX_DELAY_MS}. */
  send(body: string, delayMs: number): Promise<void>;
  destroy(): void;
}

const MAX_SOCKETS = 50;
const REQUEST_TIMEOUT_MS = 10_000;

/** The client of SQS for one queue, by its URL. A message may arrive twice anyway, so the SDK repeats what failed. */
export function createSendQueue(url: string, options: AwsClientOptions): SendQueue {
  const client = new SQSClient({
    ...sharedOptions(options, { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS }),
    maxAttempts: 6,
  });
  return {
    async send(body, delayMs) {
      const DelaySeconds = Math.ceil(Math.min(MAX_DELAY_MS, Math.max(0, delayMs)) / 1_000);
      await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body, DelaySeconds }));
    },
    destroy: () => client.destroy(),
  };
}
