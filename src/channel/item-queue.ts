import { STREAM_WINDOW_ITEMS } from "../ports/functions.ts";

/** Items on their way from a maker that pushes to a consumer that pulls. */
export interface ItemQueue<T, R> {
  push(item: T): void;
  /** No further item; `result` is what the iteration returns. */
  end(result: R): void;
  fail(error: Error): void;
  readonly ended: boolean;
  /** The consumer's side; used once. */
  drain(): AsyncGenerator<T, R, void>;
}

/** Makes a queue that asks for more items, half a window at a time, as they are consumed. */
export function createItemQueue<T, R>(askForMore: (count: number) => void): ItemQueue<T, R> {
  const half = STREAM_WINDOW_ITEMS / 2;
  let items: T[] = [];
  let outcome: { readonly result: R } | { readonly error: Error } | null = null;
  let wake: (() => void) | null = null;

  const signal = (): void => {
    const resume = wake;
    wake = null;
    resume?.();
  };
  return {
    get ended() {
      return outcome !== null;
    },
    push(item) {
      items.push(item);
      signal();
    },
    end(result) {
      outcome ??= { result };
      signal();
    },
    fail(error) {
      outcome ??= { error };
      signal();
    },
    async *drain() {
      let consumed = 0;
      for (;;) {
        const ready = items;
        items = [];
        for (const item of ready) {
          yield item;
          if (++consumed % half === 0 && outcome === null) askForMore(half);
        }
        if (items.length > 0) continue;
        if (outcome !== null) {
          if ("error" in outcome) throw outcome.error;
          return outcome.result;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}
