import { InvalidError } from "../../model/errors.ts";
import { newCallId, newInputId } from "../../model/ids.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { InvokeParams } from "../../ports/functions.ts";
import { showValue } from "../../util/show-value.ts";
import { decode, encode } from "../../wire/codec.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { continueCall, refuseKind } from "./remote.ts";
import { callerSignal } from "./target.ts";
import type { CallPlace, CallTarget } from "./target.ts";
import type { CallSettings } from "./call-types.ts";
import { watchCall } from "./deadline.ts";
import type { CallWatch } from "./deadline.ts";
import { callByOutcome, isTooLongToHold, ownCall } from "./by-spawn.ts";
import { callHead, envelopeOf } from "./envelope.ts";
import type { CallHead } from "./envelope.ts";
import { createProgress } from "./map-progress.ts";
import type { MapProgress } from "./map-progress.ts";

/** Most inputs of one `map` that are under way or whose results wait to be taken. */
export const MAP_WINDOW = 1_000;
/** Inputs started in one go, so that the first results are not kept waiting by the start of the last. */
const SLICE = 64;

/** What a `map` is to do. */
export interface MapPlan {
  readonly target: CallTarget;
  readonly settings: CallSettings | undefined;
  readonly inputs: Iterable<unknown> | AsyncIterable<unknown>;
  /** Whether each input is a list of arguments. */
  readonly spread: boolean;
  readonly ordered: boolean;
  readonly returnExceptions: boolean;
  /** The method's name, for messages. */
  readonly method: string;
}

/** An input's failure, in the place of its result. */
class Failed {
  readonly error: Error;
  constructor(error: Error) {
    this.error = error;
  }
}

/** Stands for a result that is `undefined`, since an empty slot is. */
const NOTHING = Symbol("undefined");

interface Waiter {
  readonly resolve: (step: IteratorResult<unknown>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * One `map` on its way: takes inputs as there is room, gives results as they are asked for.
 *
 * Results wait in a ring of {@link MAP_WINDOW} slots, in the order in which they are given. Nothing in it is async
 * per input but the call itself.
 */
export class MapRun implements AsyncIterator<unknown> {
  readonly #plan: MapPlan;
  readonly #slots: unknown[] = Array.from({ length: MAP_WINDOW });
  readonly #waiters: Waiter[] = [];
  #place: CallPlace | undefined;
  #head: CallHead | undefined;
  #watch: CallWatch | undefined;
  #params: InvokeParams | undefined;
  #progress: MapProgress | undefined;
  #next: (() => IteratorResult<unknown> | Promise<IteratorResult<unknown>>) | undefined;
  #close: (() => unknown) | undefined;
  #began = false;
  #started = 0;
  #settled = 0;
  /** Inputs that may be under way now. */
  #window = MAP_WINDOW;
  /** Position of the result that is given next. */
  #given = 0;
  #pulling = false;
  #pumping = false;
  #delivering = false;
  #scheduled = false;
  #inputDone = false;
  #ended = false;
  #error: { readonly error: unknown } | undefined;

  constructor(plan: MapPlan) {
    this.#plan = plan;
  }

  next(): Promise<IteratorResult<unknown>> {
    if (!this.#began) this.#begin();
    if (this.#error !== undefined) {
      const { error } = this.#error;
      this.#error = undefined;
      return Promise.reject(error as Error);
    }
    if (this.#waiters.length === 0) {
      const taken = this.#take();
      if (taken !== undefined) return taken instanceof Failed ? Promise.reject(taken.error) : Promise.resolve(taken);
    }
    if (this.#ended) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  /** Cancels what is outstanding and closes the input iterator. */
  async return(): Promise<IteratorResult<unknown>> {
    const closing = this.#end();
    this.#dismiss();
    await closing;
    return { value: undefined, done: true };
  }

  // --- Input side ---

  #begin(): void {
    this.#began = true;
    try {
      const place = this.#plan.target.place();
      if (place instanceof Promise) place.then((found) => this.#open(found)).catch((error: unknown) => this.#fail(error));
      else this.#open(place);
    } catch (error) {
      this.#fail(error);
    }
  }

  #open(place: CallPlace): void {
    if (this.#ended) return;
    const { inputs, method, settings = {} } = this.#plan;
    refuseKind(place, "function", method);
    const callId = settings.callId ?? newCallId();
    this.#head = callHead(place, callId, settings.timeoutMs === undefined ? undefined : Date.now() + settings.timeoutMs);
    this.#place = place;
    this.#window = place.backend.functions.farCaller?.firstWindow ?? MAP_WINDOW;
    this.#progress = createProgress(place, callId, inputs);
    this.#watch = watchCall(callId, settings, callerSignal(), (error) => this.#fail(error));
    const early = this.#watch.error();
    if (early !== undefined) return this.#fail(early);
    this.#params = { signal: this.#watch.signal };
    this.#iterate(inputs);
    this.#pump();
  }

  #iterate(inputs: Iterable<unknown> | AsyncIterable<unknown>): void {
    const iterator = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
    this.#next = () => iterator.next();
    this.#close = () => iterator.return?.();
  }

  #hasRoom(): boolean {
    return this.#started - this.#given < MAP_WINDOW && this.#started - this.#settled < this.#window;
  }

  #pump(): void {
    if (this.#pumping || this.#pulling || this.#scheduled || this.#inputDone || this.#ended || this.#next === undefined) return;
    this.#pumping = true;
    let budget = SLICE;
    try {
      while (this.#hasRoom() && !this.#ended) {
        if (budget-- === 0) {
          this.#scheduled = true;
          setImmediate(() => {
            this.#scheduled = false;
            this.#pump();
          });
          break;
        }
        const step = this.#next();
        if (step instanceof Promise) {
          this.#pulling = true;
          step.then(
            (ready) => {
              this.#pulling = false;
              this.#accept(ready);
              this.#pump();
            },
            (error: unknown) => this.#inputFailed(error),
          );
          break;
        }
        if (!this.#accept(step)) break;
      }
    } catch (error) {
      this.#inputFailed(error);
    } finally {
      this.#pumping = false;
    }
    this.#deliver();
  }

  #accept(step: IteratorResult<unknown>): boolean {
    if (this.#ended) return false;
    if (step.done === true) {
      this.#inputDone = true;
      this.#progress?.total(this.#started);
      this.#deliver();
      return false;
    }
    this.#start(step.value);
    return true;
  }

  /** An error of the input iterator itself: it comes after the results of the inputs before it. */
  #inputFailed(error: unknown): void {
    this.#pulling = false;
    if (this.#ended || this.#inputDone) return;
    this.#inputDone = true;
    if (!this.#plan.ordered) return this.#fail(error);
    this.#inputError = { error };
    this.#deliver();
  }
  #inputError: { readonly error: unknown } | undefined;

  #start(input: unknown): void {
    const place = this.#place as CallPlace;
    const index = this.#started++;
    let envelope: Envelope;
    try {
      envelope = envelopeOf(this.#head as CallHead, newInputId(), encode(this.#plan.spread ? tuple(input, index) : [input], "args"));
    } catch (error) {
      this.#settle(index, new Failed(error as Error));
      return;
    }
    if (isTooLongToHold(place)) {
      callByOutcome(place, ownCall(envelope), this.#params).then(
        (value) => this.#settle(index, value),
        (error: unknown) => this.#settle(index, new Failed(error as Error)),
      );
      return;
    }
    place.backend.functions.invoke(place.ref, envelope, this.#params).then(
      (result) => this.#finish(index, envelope, result),
      (error: unknown) => this.#settle(index, new Failed(error as Error)),
    );
  }

  // --- Output side ---

  #finish(index: number, envelope: Envelope, result: AttemptResult): void {
    if (this.#ended) return;
    if (result.status === "not-started" && this.#place?.backend.functions.farCaller !== undefined)
      this.#window = Math.max(1, this.#window >> 1);
    if (result.status === "succeeded") {
      let value: unknown;
      try {
        value = decode(result.value);
      } catch (error) {
        value = new Failed(error as Error);
      }
      this.#settle(index, value);
      return;
    }
    continueCall(this.#place as CallPlace, envelope, this.#params, result).then(
      (value) => this.#settle(index, value),
      (error: unknown) => this.#settle(index, new Failed(error as Error)),
    );
  }

  #settle(index: number, value: unknown): void {
    if (this.#ended) return;
    const position = this.#plan.ordered ? index : this.#settled;
    this.#settled++;
    this.#window++;
    this.#slots[position % MAP_WINDOW] = value === undefined ? NOTHING : value;
    this.#progress?.step(value instanceof Failed);
    if (position === this.#given && this.#waiters.length > 0) this.#deliver();
    // Here, and not only when a result is taken: room has come that nobody has to take anything for.
    if (this.#window < MAP_WINDOW) this.#pump();
  }

  /** Gives what is ready to those who wait, ends when everything has been given, and takes further inputs. */
  #deliver(): void {
    // Taking a result starts inputs, whose results may come here before this one is handed over.
    if (this.#delivering) return;
    this.#delivering = true;
    while (this.#waiters.length > 0) {
      const taken = this.#take();
      if (taken === undefined) break;
      const waiter = this.#waiters.shift() as Waiter;
      if (taken instanceof Failed) waiter.reject(taken.error);
      else waiter.resolve(taken);
    }
    this.#delivering = false;
    if (this.#ended) this.#dismiss();
  }

  /** The next result if it is ready; `undefined` when it is not, or when there is none. */
  #take(): IteratorResult<unknown> | Failed | undefined {
    if (this.#ended) return undefined;
    const slot = this.#given % MAP_WINDOW;
    const value = this.#slots[slot];
    if (value === undefined) {
      if (this.#inputDone && this.#given === this.#started) return this.#exhausted();
      return undefined;
    }
    this.#slots[slot] = undefined;
    this.#given++;
    if (value instanceof Failed) {
      if (!this.#plan.returnExceptions) {
        void this.#end();
        return value;
      }
      this.#pump();
      return { value: value.error, done: false };
    }
    this.#pump();
    return { value: value === NOTHING ? undefined : value, done: false };
  }

  #exhausted(): IteratorResult<unknown> | Failed {
    void this.#end();
    if (this.#inputError !== undefined) return new Failed(this.#inputError.error as Error);
    return { value: undefined, done: true };
  }

  /** Ends with an error that belongs to no result: it is given next. */
  #fail(error: unknown): void {
    if (this.#ended) return;
    void this.#end();
    const waiter = this.#waiters.shift();
    if (waiter === undefined) this.#error = { error };
    else waiter.reject(error);
    this.#dismiss();
  }

  #dismiss(): void {
    for (const waiter of this.#waiters.splice(0)) waiter.resolve({ value: undefined, done: true });
  }

  #end(): Promise<unknown> | undefined {
    this.#began = true;
    if (this.#ended) return undefined;
    this.#ended = true;
    this.#watch?.end();
    if (this.#settled < this.#started) this.#watch?.cancel();
    this.#progress?.finish();
    this.#slots.length = 0;
    if (this.#inputDone || this.#close === undefined) return undefined;
    this.#inputDone = true;
    try {
      const closing = Promise.resolve(this.#close());
      // An iterator that is busy closes when it is no longer; nobody waits for that.
      closing.catch(() => undefined);
      return this.#pulling ? undefined : closing;
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
}

// --- Internal helpers ---

function tuple(input: unknown, index: number): readonly unknown[] {
  if (Array.isArray(input)) return input;
  throw new InvalidError(`Input ${index} of starmap is ${showValue(input)}; it must be an array of arguments.`, {
    hint: "With one argument each, use map.",
  });
}
