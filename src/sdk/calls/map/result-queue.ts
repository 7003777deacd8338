import { MAX_MAP_WINDOW } from "./map-window.ts";

/** An input's failure, in the place of its result. */
export class Failed {
  readonly error: Error;
  /** Whether it ends the iteration also where failures are given as results. */
  readonly fatal: boolean;

  constructor(error: Error, fatal: boolean) {
    this.error = error;
    this.fatal = fatal;
  }
}

/** What a {@link ResultQueue} is told, and tells. */
export interface ResultQueueParams {
  /** Whether results are given in the order of the inputs; else as they come. */
  readonly ordered: boolean;
  /** Whether failures are given as results. */
  readonly returnExceptions: boolean;
  /** A result has been taken, so that there is room for an input. */
  readonly onTaken: () => void;
  /** The last step has been taken: a failure, or the end. */
  readonly onEnd: () => void;
}

/**
 * The results of one `map` on their way to its consumer. They wait in a ring of {@link MAX_MAP_WINDOW} slots, in the order in
 * which they are given; no promise is made for one that nobody waits for.
 */
export class ResultQueue {
  readonly #params: ResultQueueParams;
  readonly #slots: unknown[] = Array.from({ length: MAX_MAP_WINDOW });
  readonly #waiters: Waiter[] = [];
  #given = 0;
  #settled = 0;
  /** How many inputs there are, once all have been taken. */
  #total: number | undefined;
  /** What the consumer is told after the last result, in the place of the end. */
  #failure: { readonly error: unknown } | undefined;
  #delivering = false;
  #ended = false;

  constructor(params: ResultQueueParams) {
    this.#params = params;
  }

  /** How many results have been taken. */
  get given(): number {
    return this.#given;
  }

  /** How many results have come. */
  get settled(): number {
    return this.#settled;
  }

  /** The consumer asks for the next result. */
  next(): Promise<IteratorResult<unknown>> {
    if (this.#waiters.length === 0) {
      const step = this.#take();
      if (step !== undefined) return step instanceof Failed ? Promise.reject(step.error) : Promise.resolve(step);
    }
    return new Promise((resolve, reject) => {
      if (this.#ended) this.#last({ resolve, reject });
      else this.#waiters.push({ resolve, reject });
    });
  }

  /** The result of an input, or its failure, has come. */
  put(index: number, value: unknown): void {
    const position = this.#params.ordered ? index : this.#settled;
    this.#settled++;
    this.#slots[position % MAX_MAP_WINDOW] = value === undefined ? NOTHING : value;
    if (position === this.#given && this.#waiters.length > 0) this.deliver();
  }

  /** There are no further inputs. `failure` is what the consumer is told after the results. */
  finish(total: number, failure?: { readonly error: unknown }): void {
    this.#total = total;
    this.#failure = failure;
    this.deliver();
  }

  /** Gives what is ready to those who wait. */
  deliver(): void {
    // Taking a result starts inputs, whose results may come here before this one is handed over.
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#waiters.length > 0) {
      const step = this.#take();
      if (step === undefined) break;
      const waiter = this.#waiters.shift() as Waiter;
      if (step instanceof Failed) waiter.reject(step.error);
      else waiter.resolve(step);
    }
    this.#delivering = false;
    if (this.#ended) this.#dismiss();
  }

  /** Ends with an error that belongs to no result: it is told next, and what waits is dropped. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.end();
    this.#dismiss();
  }

  /** Drops what waits; the next step is the end. */
  end(): void {
    this.#ended = true;
    this.#slots.length = 0;
  }

  /** Ends without a word: the consumer has stopped. */
  close(): void {
    this.#failure = undefined;
    this.end();
    this.#dismiss();
  }

  /** The next result if it is ready; `undefined` when it is not, or when there is none. */
  #take(): IteratorResult<unknown> | Failed | undefined {
    if (this.#ended) return undefined;
    const slot = this.#given % MAX_MAP_WINDOW;
    const value = this.#slots[slot];
    if (value === undefined) {
      // The end, whatever it is, is told by those who find the queue ended.
      if (this.#given === this.#total) this.#params.onEnd();
      return undefined;
    }
    this.#slots[slot] = undefined;
    this.#given++;
    if (value instanceof Failed) {
      if (value.fatal || !this.#params.returnExceptions) {
        this.#failure = undefined;
        this.#params.onEnd();
        return value;
      }
      this.#params.onTaken();
      return { value: value.error, done: false };
    }
    this.#params.onTaken();
    return { value: value === NOTHING ? undefined : value, done: false };
  }

  /** Tells the failure once, and then the end. */
  #last({ resolve, reject }: Waiter): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure === undefined) resolve({ value: undefined, done: true });
    else reject(failure.error);
  }

  #dismiss(): void {
    for (const waiter of this.#waiters.splice(0)) this.#last(waiter);
  }
}

// --- Internal helpers ---

interface Waiter {
  readonly resolve: (step: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/** Stands for a result that is `undefined`, since an empty slot is. */
const NOTHING = Symbol("undefined");
