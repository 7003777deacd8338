/** Inputs started in one go, so that the first results are not kept waiting by the start of the last. */
const SLICE = 64;

/** What an {@link InputPump} takes from, asks, and tells. */
export interface InputPumpParams {
  readonly inputs: Iterable<unknown> | AsyncIterable<unknown>;
  /** Whether one more input may be taken now. */
  readonly hasRoom: () => boolean;
  readonly onInput: (input: unknown) => void;
  /** There are no further inputs; `failure` is what the iterator threw. */
  readonly onDone: (failure: { readonly error: unknown } | undefined) => void;
}

/** Takes inputs one after the other while there is room. Nothing in it is async for an input that is there. */
export class InputPump {
  readonly #params: InputPumpParams;
  readonly #iterator: Iterator<unknown> | AsyncIterator<unknown>;
  readonly #isAsync: boolean;
  #pulling = false;
  #pumping = false;
  #scheduled = false;
  #done = false;

  /** Opens the iterator; what that throws is thrown. */
  constructor(params: InputPumpParams) {
    const { inputs } = params;
    this.#params = params;
    this.#isAsync = Symbol.asyncIterator in inputs;
    this.#iterator = Symbol.asyncIterator in inputs ? inputs[Symbol.asyncIterator]() : inputs[Symbol.iterator]();
  }

  /** Takes what there is room for, at most {@link SLICE} before the event loop goes round. */
  pump(): void {
    if (this.#pumping || this.#pulling || this.#scheduled || this.#done) return;
    this.#pumping = true;
    try {
      for (let left = SLICE; !this.#done && this.#params.hasRoom(); left--) {
        if (left === 0) {
          this.#schedule();
          break;
        }
        const step = this.#iterator.next();
        if (this.#isAsync) {
          this.#await(step);
          break;
        }
        this.#accept(step as IteratorResult<unknown>);
      }
    } catch (error) {
      this.#finish({ error });
    } finally {
      this.#pumping = false;
    }
  }

  /** Takes no further input and closes the iterator. The promise is there when its end can be waited for. */
  close(): Promise<unknown> | undefined {
    if (this.#done) return undefined;
    this.#done = true;
    const closing = (async () => this.#iterator.return?.())();
    closing.catch(() => undefined);
    // An iterator that is busy closes when it is no longer; nobody waits for that.
    return this.#pulling ? undefined : closing;
  }

  #schedule(): void {
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.pump();
    });
  }

  #await(step: unknown): void {
    this.#pulling = true;
    Promise.resolve(step).then(
      (ready) => {
        this.#pulling = false;
        this.#accept(ready as IteratorResult<unknown>);
        this.pump();
      },
      (error: unknown) => {
        this.#pulling = false;
        this.#finish({ error });
      },
    );
  }

  #accept(step: IteratorResult<unknown>): void {
    if (this.#done) return;
    if (step.done === true) this.#finish(undefined);
    else this.#params.onInput(step.value);
  }

  #finish(failure: { readonly error: unknown } | undefined): void {
    if (this.#done) return;
    this.#done = true;
    this.#params.onDone(failure);
  }
}
