// The thread that ends a container on Lambda whose body blocks: nothing else runs then. It also carries the last words
// of a process that ends, since only another thread can send while this one waits.
import { parentPort } from "node:worker_threads";
import { WATCHDOG_SIGNAL } from "../adapters/functions/limits.ts";
import { postAnswer } from "./lambda-answer.ts";

/** What the container says to its watchdog. */
export type WatchdogMessage =
  /** End the process at `atMs`, after `answer`; `null` when the answer is a stream that only the container can end. */
  | { readonly type: "arm"; readonly requestId: string; readonly atMs: number; readonly answer: string | null }
  | { readonly type: "disarm" }
  /** Send the answer, then wake the container, which waits on `done`. */
  | { readonly type: "answer"; readonly requestId: string; readonly answer: string; readonly done: Int32Array };

const LAST_ANSWER_MS = 1_000;

/** Waits for messages; `runtimeApi` is `host:port`. */
function main(runtimeApi: string): void {
  let timer: NodeJS.Timeout | undefined;
  parentPort?.on("message", (message: WatchdogMessage) => {
    clearTimeout(timer);
    if (message.type === "arm") {
      timer = setTimeout(() => {
        const end = (): boolean => process.kill(process.pid, WATCHDOG_SIGNAL);
        setTimeout(end, LAST_ANSWER_MS);
        if (message.answer === null) end();
        else void postAnswer(runtimeApi, message.requestId, message.answer).then(end);
      }, message.atMs - Date.now());
    } else if (message.type === "answer") {
      void postAnswer(runtimeApi, message.requestId, message.answer).then(() => {
        Atomics.store(message.done, 0, 1);
        Atomics.notify(message.done, 0);
      });
    }
  });
}

main(process.env["AWS_LAMBDA_RUNTIME_API"] ?? "");
