import { setTimeout as sleep } from "node:timers/promises";
import { ResourceExhaustedError } from "../../model/errors.ts";
import { isAwsFailure } from "./failures.ts";

/** How long a throttled request is repeated, in milliseconds. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Pauses between repeats of one request: longer each time, with jitter, until a deadline. */
export class Patience {
  readonly #endsAtMs: number;
  #pauseMs = FIRST_PAUSE_MS;

  constructor(patienceMs: number = PATIENCE_MS) {
    this.#endsAtMs = performance.now() + patienceMs;
  }

  /** Pauses; says `false` at once when there is no time left. */
  async wait(): Promise<boolean> {
    // Anything up to the whole pause: callers that were throttled together don't come back together.
    const ms = Math.random() * this.#pauseMs;
    if (performance.now() + ms > this.#endsAtMs) return false;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    await sleep(ms);
    return true;
  }

  /** The error of one who has waited long enough. */
  exhausted(what: string): ResourceExhaustedError {
    return new ResourceExhaustedError(`${what} within ${PATIENCE_MS} ms, since AWS throttled them.`, {
      hint: "Write less at a time, or spread it over more keys: DynamoDB gives a busy table more capacity within minutes.",
    });
  }
}

/** Sends a request again and again while AWS throttles it, for up to a minute; other errors pass. */
export async function patiently<T>(send: () => Promise<T>): Promise<T> {
  const patience = new Patience();
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isThrottle(error) || !(await patience.wait())) throw error;
    }
  }
}

// --- Internal helpers ---

/** Whether AWS has refused a request only because there were too many. */
function isThrottle(error: unknown): boolean {
  if (isAwsFailure(error, "throttled")) return true;
  // A transaction says it by the reasons of its members; one that met another one is to be repeated likewise.
  const { CancellationReasons = [] } = error as { readonly CancellationReasons?: readonly { readonly Code?: string }[] };
  return CancellationReasons.some(({ Code = "" }) => /^(?:Throttling|ProvisionedThroughputExceeded|TransactionConflict)/.test(Code));
}
