import { createItemQueue } from "../../channel/item-queue.ts";
import type { EncodedValue } from "../../model/encoded.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { Envelope } from "../../wire/envelope.ts";

/** One attempt that an engine has accepted. */
export interface LocalAttempt {
  /** Puts it in line for a container. */
  start(): void;
  /** Ends it early, started or not; it settles as cancelled. */
  cancel(): void;
  /** Lets a generator make so many more items. */
  giveCredit(count: number): void;
}

/** What single attempts on this machine need: an engine that runs them. */
export interface AttemptRunner {
  /**
   * Accepts an attempt, which waits for its `start`. `settle` gets its one result.
   *
   * Throws `NotFoundError`, `CallDepthError`, `InvalidError`, `SerializationError`, and `ClientClosedError` once the engine
   * has closed.
   */
  accept(
    ref: FunctionRef,
    envelope: Envelope,
    onItem: ((item: EncodedValue) => void) | null,
    settle: (result: AttemptResult) => void,
  ): LocalAttempt;
}

/** Single attempts in containers on this machine. */
export function createLocalFunctions(runner: AttemptRunner): FunctionsPort {
  return {
    invoke(ref, envelope, params) {
      return new Promise((resolve) => {
        const signal = params?.signal;
        if (signal === undefined) {
          runner.accept(ref, envelope, null, resolve).start();
          return;
        }
        let unwatch = ignore;
        const attempt = runner.accept(ref, envelope, null, (result) => {
          unwatch();
          resolve(result);
        });
        unwatch = startUnlessAborted(attempt, signal);
      });
    },
    async *stream(ref, envelope, params) {
      const items = createItemQueue<EncodedValue, AttemptResult>((count) => attempt.giveCredit(count));
      const attempt = runner.accept(ref, envelope, items.push, (result) => items.end(result));
      const unwatch = startUnlessAborted(attempt, params?.signal);
      try {
        return yield* items.drain();
      } finally {
        unwatch();
        if (!items.ended) attempt.cancel();
      }
    },
  };
}

// --- Internal helpers ---

const ignore = (): void => undefined;

/** Starts an attempt unless its caller has given up already; what it gives back forgets the signal. */
function startUnlessAborted(attempt: LocalAttempt, signal: AbortSignal | undefined): () => void {
  if (signal?.aborted === true) {
    attempt.cancel();
    return ignore;
  }
  const unwatch = signal === undefined ? ignore : onAbort(signal, () => attempt.cancel());
  attempt.start();
  return unwatch;
}
