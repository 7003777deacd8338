// The thread that ends a container on Lambda whose body blocks: no other code runs then. It also sends the last words of
// a process that ends, since only another thread can send while the main thread waits.
import { parentPort } from "node:worker_threads";
import { createAwsClients } from "../../adapters/aws/clients.ts";
import { WATCHDOG_SIGNAL } from "../../adapters/functions/limits.ts";

/** A message, or the place of one, in a queue. */
export interface QueuePlace {
  readonly queueUrl: string;
  readonly receiptHandle: string;
}

/** What is said for a process that a queue feeds and that can't say it any more: of its end Lambda tells nobody. */
export interface LastWords {
  /** For the App's dispatcher. */
  readonly message: { readonly queueUrl: string; readonly body: string };
  /** The message that the process was given. It is done with, once the dispatcher knows. */
  readonly received?: QueuePlace | undefined;
}

/** What the container says to its watchdog. */
export type WatchdogMessage =
  /** End the process at `atMs`, after these words. */
  | { readonly type: "arm"; readonly atMs: number; readonly words: LastWords | null }
  | { readonly type: "disarm" }
  /** Say the words, then wake the container, which waits on `done`. */
  | { readonly type: "say"; readonly words: LastWords; readonly done: Int32Array };

/** The AWS SDK loads first, beside a body that uses all of the processor. */
const LAST_WORDS_MS = 6_000;

/** Waits for messages. */
function main(): void {
  const clients = createAwsClients({});
  /** Rejects when the dispatcher could not be told: then the message must come back. */
  const say = async ({ message, received }: LastWords): Promise<void> => {
    await clients.queue(message.queueUrl).send(message.body, 0);
    if (received !== undefined) await clients.queue(received.queueUrl).remove(received.receiptHandle);
  };
  let timer: NodeJS.Timeout | undefined;
  parentPort?.on("message", (received: WatchdogMessage) => {
    clearTimeout(timer);
    if (received.type === "arm") {
      timer = setTimeout(() => {
        const end = (): boolean => process.kill(process.pid, WATCHDOG_SIGNAL);
        if (received.words === null) return end();
        setTimeout(end, LAST_WORDS_MS);
        void say(received.words).then(end, end);
      }, received.atMs - Date.now());
    } else if (received.type === "say") {
      const wake = (): void => {
        Atomics.store(received.done, 0, 1);
        Atomics.notify(received.done, 0);
      };
      void say(received.words).then(wake, wake);
    }
  });
}

main();
