import type { LocalAttempt } from "../../adapters/functions/local.ts";
import type { EncodedError, EncodedValue } from "../../model/encoded.ts";
import { InputCancelledError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { encodeError } from "../../wire/error-codec.ts";
import type { Envelope } from "../../wire/envelope.ts";

/** Where a job is worked off: the pool of its Function. */
export interface JobPlace {
  submit(job: Job): void;
  /** Ends it early, wherever it is; it settles with its `cancelled`. */
  cancel(job: Job): void;
  giveCredit(job: Job, count: number): void;
}

/** What a job is made of. */
export interface JobParams {
  /** Name of the Function. */
  readonly fn: string;
  readonly envelope: Envelope;
  /** Whether an attempt of this input has run before: it goes before those that have not started. */
  readonly isAgain: boolean;
  readonly onItem: ((item: EncodedValue) => void) | null;
  readonly place: JobPlace;
  /** Told of the one result before `settle` takes it. */
  readonly onSettled: (job: Job, result: AttemptResult) => void;
  readonly settle: (result: AttemptResult) => void;
}

/** One attempt on its way through a pool. */
export class Job implements LocalAttempt {
  readonly fn: string;
  readonly envelope: Envelope;
  readonly isAgain: boolean;
  readonly onItem: ((item: EncodedValue) => void) | null;
  /** Set while a container has it. */
  seq = 0;
  /** Epoch milliseconds until which the container may start it; 0 for the one that it starts at once. */
  startBeforeMs = 0;
  /** When it came to the front of its container, 0 before. */
  headSinceMs = 0;
  /** Calls of its own that it waits for, and one more while a generator waits for credit. */
  waits = 0;
  /** Items that a generator may still make; it waits when none is left. */
  credit = 0;
  /** Set once its caller has given up: it settles with this instead of going back into the queue. */
  cancelled: EncodedError | null = null;
  /** Epoch milliseconds of that, 0 before. */
  cancelledAtMs = 0;
  #started = false;
  readonly #place: JobPlace;
  readonly #onSettled: (job: Job, result: AttemptResult) => void;
  readonly #settle: (result: AttemptResult) => void;

  constructor(params: JobParams) {
    this.fn = params.fn;
    this.envelope = params.envelope;
    this.isAgain = params.isAgain;
    this.onItem = params.onItem;
    this.#place = params.place;
    this.#onSettled = params.onSettled;
    this.#settle = params.settle;
  }

  start(): void {
    this.#started = true;
    this.#place.submit(this);
  }

  cancel(): void {
    this.cancelled ??= cancellation(this);
    this.cancelledAtMs = Date.now();
    if (this.#started) this.#place.cancel(this);
    else this.settleCancelled();
  }

  giveCredit(count: number): void {
    this.#place.giveCredit(this, count);
  }

  settle(result: AttemptResult): void {
    this.#onSettled(this, result);
    this.#settle(result);
  }

  /** Settles it as cancelled, wherever it is. */
  settleCancelled(): void {
    this.settle({ status: "cancelled", error: this.cancelled ?? cancellation(this) });
  }
}

// --- Internal helpers ---

function cancellation({ envelope, fn }: Job): EncodedError {
  return encodeError(new InputCancelledError(`Call ${envelope.callId} of Function "${fn}" was cancelled.`));
}
