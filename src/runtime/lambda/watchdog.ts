import { Worker } from "node:worker_threads";
import type { LastWords, WatchdogMessage } from "./watchdog-thread.ts";

/** How long after its `timeoutMs` a body that blocks is ended. For a body that awaits, the loop's own timer answers. */
export const WATCHDOG_GRACE_MS = 2_000;

/** The container's side of its watchdog thread. */
export interface Watchdog {
  /** From now on the process ends at `atMs`, unless disarmed; the words are said before that, if there are any. */
  arm(atMs: number, words: LastWords | null): void;
  disarm(): void;
  /** Says the words while this thread waits, for a process that ends when this returns. */
  sayNow(words: LastWords): void;
}

/** The thread loads the AWS SDK first. */
const WORDS_WAIT_MS = 6_000;

/** Makes a watchdog; its thread starts when it is first needed, so that it costs no start-up. */
export function createWatchdog(threadFile: URL): Watchdog {
  let thread: Worker | null = null;
  const start = (): Worker => {
    const made = startThread(threadFile);
    // A watchdog that is gone is started again by the next message.
    made.on("exit", () => {
      if (thread === made) thread = null;
    });
    return made;
  };
  const send = (message: WatchdogMessage): void => (thread ??= start()).postMessage(message);
  return {
    arm: (atMs, words) => send({ type: "arm", atMs, words }),
    disarm: () => send({ type: "disarm" }),
    sayNow(words) {
      const done = new Int32Array(new SharedArrayBuffer(4));
      send({ type: "say", words, done });
      Atomics.wait(done, 0, 0, WORDS_WAIT_MS);
    },
  };
}

// --- Internal helpers ---

function startThread(file: URL): Worker {
  // Its output is not this process's: nothing is read of it, and no stream is made.
  const thread = new Worker(file, { stdout: true, stderr: true, stdin: false, name: "tenon-watchdog" });
  // An error of the thread belongs to no input.
  thread.on("error", () => undefined);
  return thread;
}
