// The thread that ends a container on Lambda whose body blocks: no other code runs then. It also sends the last words of
// a process that ends, since only another thread can send while the main thread waits.
import { parentPort } from "node:worker_threads";
import { createAwsClients } from "../../adapters/aws/clients.ts";
import { WATCHDOG_SIGNAL } from "../../adapters/functions/limits.ts";
import { postAnswer } from "./answer.ts";

/** What is said for a process that can't say it any more. */
export interface LastWords {
  readonly requestId: string;
  /** The invocation's answer; `null` when only the container can end it, or its end must be a failure. */
  readonly answer: string | null;
  /** For the App's dispatcher, which must have it before Lambda has the answer and forgets the input. */
  readonly message?: { readonly queueUrl: string; readonly body: string } | undefined;
}

/** What the container says to its watchdog. */
export type WatchdogMessage =
  /** End the process at `atMs`, after these words. */
  | { readonly type: "arm"; readonly atMs: number; readonly words: LastWords }
  | { readonly type: "disarm" }
  /** Say the words, then wake the container, which waits on `done`. */
  | { readonly type: "say"; readonly words: LastWords; readonly done: Int32Array };

const LAST_ANSWER_MS = 1_000;

/** With a message: the AWS SDK loads first, beside a body that uses all of the processor. */
const LAST_MESSAGE_MS = 6_000;

/** Waits for messages; `runtimeApi` is `host:port`. */
function main(runtimeApi: string): void {
  const clients = createAwsClients({});
  /** Rejects when the dispatcher could not be told: then the input must come back, so its invocation gets no answer. */
  const say = async ({ requestId, answer, message }: LastWords): Promise<void> => {
    if (message !== undefined) await clients.queue(message.queueUrl).send(message.body, 0);
    if (answer !== null) await postAnswer(runtimeApi, requestId, answer);
  };
  let timer: NodeJS.Timeout | undefined;
  parentPort?.on("message", (received: WatchdogMessage) => {
    clearTimeout(timer);
    if (received.type === "arm") {
      timer = setTimeout(() => {
        const end = (): boolean => process.kill(process.pid, WATCHDOG_SIGNAL);
        setTimeout(end, received.words.message === undefined ? LAST_ANSWER_MS : LAST_MESSAGE_MS);
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

main(process.env["AWS_LAMBDA_RUNTIME_API"] ?? "");
