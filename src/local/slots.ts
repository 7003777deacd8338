import { availableParallelism } from "node:os";

/** Room for inputs that run at the same time on this machine; one that waits on a remote call needs none. */
export interface Slots {
  readonly limit: number;
  readonly free: number;
  /** Takes a slot even where none is free: an input that goes on after its remote call came back. */
  take(): void;
  give(): void;
  /** Called, in turn, whenever a slot comes free. */
  onFree(listener: () => void): void;
}

/** Default room: an input rarely keeps a whole core busy. */
export const DEFAULT_SLOTS = 2 * availableParallelism();

/** Makes room for `limit` inputs. */
export function createSlots(limit: number = DEFAULT_SLOTS): Slots {
  const listeners: (() => void)[] = [];
  let taken = 0;
  let first = 0;
  return {
    limit,
    get free() {
      return limit - taken;
    },
    take() {
      taken++;
    },
    give() {
      taken--;
      if (taken >= limit) return;
      // Start at another listener each time, so that no Function starves the others.
      first = (first + 1) % Math.max(1, listeners.length);
      for (let i = 0; i < listeners.length && taken < limit; i++) listeners[(first + i) % listeners.length]?.();
    },
    onFree(listener) {
      listeners.push(listener);
    },
  };
}
