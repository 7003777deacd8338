import { type BatchResultErrorEntry, type SQSClient, SendMessageBatchCommand, SQSServiceException } from "@aws-sdk/client-sqs";
import { isAwsFailure } from "./failures.ts";
import { Patience } from "./patience.ts";

/** A message as SQS takes it. */
export interface Message {
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

/** Messages that one SendMessageBatch takes. */
const MAX_MESSAGES = 10;
/** Bytes of the bodies of one SendMessageBatch, 1 MiB. */
const MAX_BYTES = 1_048_576;

interface Waiting {
  readonly message: Message;
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends messages to one queue: at most `atOnce` requests at the same time, and what comes while they are under way goes out
 * together. With one request at a time messages keep their order. A queue takes few requests (a FIFO queue 300 a second); those
 * it throttles are repeated, with jitter, for up to a minute. Each sender has the answer to its own message.
 */
export class MessageBatches {
  readonly #client: SQSClient;
  readonly #url: string;
  readonly #atOnce: number;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(client: SQSClient, url: string, atOnce: number) {
    this.#client = client;
    this.#url = url;
    this.#atOnce = atOnce;
  }

  /** Resolves when the queue has the message. Rejections are the SDK's own. */
  send(message: Message): Promise<void> {
    const bytes = Buffer.byteLength(message.MessageBody);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, bytes, resolve, reject });
      this.#start();
    });
  }

  #start(): void {
    while (this.#underWay < this.#atOnce && this.#waiting.length > 0) {
      this.#underWay++;
      void this.#sendAll(this.#take()).finally(() => {
        this.#underWay--;
        this.#start();
      });
    }
  }

  /** The first of those that wait, as many as fit into one request. */
  #take(): readonly Waiting[] {
    let bytes = 0;
    const over = this.#waiting.findIndex((one, i) => i === MAX_MESSAGES || ((bytes += one.bytes) > MAX_BYTES && i > 0));
    return this.#waiting.splice(0, over === -1 ? this.#waiting.length : over);
  }

  /** Sends messages until each is taken or refused. Never rejects: their senders hear of it. */
  async #sendAll(batch: readonly Waiting[]): Promise<void> {
    const patience = new Patience();
    for (let left = batch; left.length > 0;) {
      const refused = await this.#sendOnce(left);
      const again = [...refused.values()].some(isPassing) && (await patience.wait());
      const next: Waiting[] = [];
      for (const one of left) {
        const error = refused.get(one);
        if (error === undefined) one.resolve();
        else if (again && isPassing(error)) next.push(one);
        else one.reject(error);
      }
      left = next;
    }
  }

  /** Sends messages together; gives those that were not taken, each with the reason. */
  async #sendOnce(batch: readonly Waiting[]): Promise<ReadonlyMap<Waiting, unknown>> {
    const Entries = batch.map(({ message }, i) => ({ ...message, Id: String(i) }));
    try {
      const { Failed = [] } = await this.#client.send(new SendMessageBatchCommand({ QueueUrl: this.#url, Entries }));
      return new Map(
        Failed.flatMap((failed) =>
          batch
            .slice(Number(failed.Id))
            .slice(0, 1)
            .map((one) => [one, entryError(failed)]),
        ),
      );
    } catch (error) {
      return new Map(batch.map((one) => [one, error]));
    }
  }
}

// --- Internal helpers ---

/** The error that a request for this message alone would have met. */
function entryError({ Code = "InternalError", Message = "", SenderFault = false }: BatchResultErrorEntry): SQSServiceException {
  const $metadata = { httpStatusCode: SenderFault ? 400 : 500 };
  return new SQSServiceException({ name: Code, message: Message, $fault: SenderFault ? "client" : "server", $metadata });
}

/** Whether the same message may be taken a moment later. */
function isPassing(error: unknown): boolean {
  return isAwsFailure(error, "throttled") || isAwsFailure(error, "server");
}
