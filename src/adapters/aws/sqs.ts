import { randomUUID } from "node:crypto";
import { ChangeMessageVisibilityCommand, DeleteMessageCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { FIFO_SUFFIX } from "../../model/aws-names.ts";
import type { AwsClientOptions } from "./client-options.ts";
import { MessageBatches } from "./message-batches.ts";
import { openClient } from "./open-client.ts";

/** The longest that SQS holds a message back: `DelaySeconds` is 900 at most. */
export const MAX_DELAY_MS = 900_000;

/** One queue, by its URL. Bodies are JSON. */
export interface SendQueue {
  /** Resolves when the queue has the message, which it holds back for `delayMs`: whole seconds, at most {@link MAX_DELAY_MS}. */
  send(body: string, delayMs: number): Promise<void>;
  /** Is done with a message that was received. */
  remove(receiptHandle: string): Promise<void>;
  /** Hands a message that was received to the next who asks. */
  giveBack(receiptHandle: string): Promise<void>;
  destroy(): void;
}

/** The queues that feed Functions, by their names. Bodies are JSON. */
export interface InputQueues {
  /** Resolves when the queue has the message. Rejections are the SDK's own. */
  send(name: string, body: string): Promise<void>;
  destroy(): void;
}

const MAX_SOCKETS = 50;
const REQUEST_TIMEOUT_MS = 10_000;
/** Requests to one queue at the same time; a FIFO queue is given one, so that messages keep their order. */
const SENDS_AT_ONCE = 8;

/** The client of SQS for one queue, by its URL. A message may arrive twice anyway, so the SDK repeats what failed. */
export function createSendQueue(url: string, options: AwsClientOptions): SendQueue {
  const client = createClient(options);
  const batches = new MessageBatches(client, url, SENDS_AT_ONCE);
  return {
    send(body, delayMs) {
      const DelaySeconds = Math.ceil(Math.min(MAX_DELAY_MS, Math.max(0, delayMs)) / 1_000);
      return batches.send({ MessageBody: legal(body), DelaySeconds });
    },
    async remove(receiptHandle) {
      await client.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle: receiptHandle }));
    },
    async giveBack(receiptHandle) {
      await client.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle: receiptHandle, VisibilityTimeout: 0 }));
    },
    destroy: () => client.destroy(),
  };
}

/** The client of SQS for the queues of Functions. Each one's URL is asked for once: only SQS knows it in every partition. */
export function createInputQueues(options: AwsClientOptions): InputQueues {
  const client = createClient(options);
  const queues = new Map<string, Promise<MessageBatches>>();

  const find = async (name: string): Promise<MessageBatches> => {
    const { QueueUrl = "" } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
    return new MessageBatches(client, QueueUrl, name.endsWith(FIFO_SUFFIX) ? 1 : SENDS_AT_ONCE);
  };
  const queueOf = (name: string): Promise<MessageBatches> => {
    const queue = queues.get(name) ?? find(name);
    queues.set(name, queue);
    queue.catch(() => queues.delete(name));
    return queue;
  };
  return {
    async send(name, body) {
      const queue = await queueOf(name);
      // One group: one message at a time. Never the same id: a delivery may be handed out again within SQS's five minutes.
      const order = name.endsWith(FIFO_SUFFIX) ? { MessageGroupId: "inputs", MessageDeduplicationId: randomUUID() } : {};
      await queue.send({ MessageBody: legal(body), ...order });
    },
    destroy: () => client.destroy(),
  };
}

// --- Internal helpers ---

function createClient(options: AwsClientOptions): SQSClient {
  const limits = { maxSockets: MAX_SOCKETS, requestTimeoutMs: REQUEST_TIMEOUT_MS, service: "sqs" } as const;
  // What is throttled, the batches repeat.
  return openClient(options, limits, (shared) => new SQSClient({ ...shared, maxAttempts: 3 }));
}

/** SQS refuses the two characters that XML lacks and JSON leaves as they are; in JSON they stand only inside strings. */
function legal(json: string): string {
  return json.replaceAll(/[\ufffe\uffff]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
