import { setMaxListeners } from "node:events";
import { InputCancelledError, OutputTimeoutError } from "../../model/errors.ts";
import { onAbort } from "../../util/on-abort.ts";
import type { Refusal } from "../../model/outcome.ts";
import type { CallSettings } from "./call-types.ts";

const MAX_TIMER_MS = 2 ** 31 - 1;

/** Ends a call before its outcome, when the caller's signal aborts or its `timeoutMs` is over. */
export interface CallWatch {
  /** Aborts when the call ends early: it goes to the backend. */
  readonly signal: AbortSignal;
  /** The call's error once it has ended early. */
  readonly error: () => Error | undefined;
  /** Waits for a promise, but not longer than the call is wanted. One at a time. */
  guard<T>(promise: Promise<T>): Promise<T>;
  /** Tells the backend that nobody wants the call any more. */
  cancel(): void;
  /** Clears the timer and removes the listeners. */
  end(): void;
}

/** What a watch may be given beside the call's settings. */
export interface WatchMore {
  /** Hears of an early end at once, before the backend does. */
  readonly onEarly?: ((error: Error) => void) | undefined;
  /** Why nothing of the call has started so far. */
  readonly refusal?: (() => Refusal | undefined) | undefined;
}

/** Watches over one call. `parent` is the signal of the input that makes the call. */
export function watchCall(
  callId: string,
  settings: CallSettings,
  parent: AbortSignal | undefined,
  { onEarly, refusal }: WatchMore = {},
): CallWatch {
  const controller = new AbortController();
  // Every input of a map listens to it.
  setMaxListeners(0, controller.signal);
  const { signal, timeoutMs } = settings;
  let failure: Error | undefined;
  let rejectGuard: ((error: Error) => void) | undefined;
  let timer: NodeJS.Timeout | undefined;
  let offSignal: (() => void) | undefined;
  let offParent: (() => void) | undefined;

  const end = (): void => {
    clearTimeout(timer);
    offSignal?.();
    offParent?.();
  };
  const trip = (error: Error): void => {
    if (failure !== undefined) return;
    failure = error;
    end();
    onEarly?.(error);
    rejectGuard?.(error);
    controller.abort(error);
  };
  if (signal !== undefined) offSignal = onAbort(signal, () => trip(cancelled(callId, "its signal aborted", signal.reason)));
  if (parent !== undefined) offParent = onAbort(parent, () => trip(cancelled(callId, "the input that made it ended", parent.reason)));
  if (timeoutMs !== undefined && failure === undefined) {
    timer = setTimeout(() => trip(outOfTime(callId, timeoutMs, refusal?.())), Math.min(timeoutMs, MAX_TIMER_MS));
  }

  return {
    signal: controller.signal,
    error: () => failure,
    guard: (promise) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) {
          promise.catch(() => undefined);
          reject(failure);
          return;
        }
        rejectGuard = reject;
        promise.then(resolve, reject);
      }),
    cancel: () => controller.abort(),
    end,
  };
}

// --- Internal helpers ---

function cancelled(callId: string, why: string, cause: unknown): InputCancelledError {
  return new InputCancelledError(`Call ${callId} was cancelled: ${why}.`, { cause });
}

function outOfTime(callId: string, timeoutMs: number, refusal: Refusal | undefined): OutputTimeoutError {
  const why = refusal === undefined ? "" : ` ${refusal.says}`;
  return new OutputTimeoutError(`Call ${callId} had no outcome after ${timeoutMs} ms, so it was cancelled.${why}`, {
    hint: refusal?.hint ?? "Give with({ timeoutMs }) more time, or spawn the call and ask for its outcome later.",
  });
}
