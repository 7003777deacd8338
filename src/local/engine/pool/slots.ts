import { availableParallelism } from "node:os";

/** Room for inputs that run at the same time on this machine; one that waits for a remote call needs none. */
export interface Slots {
  readonly limit: number;
  /** Below 0 when more run than there should. */
  readonly free: number;
  /** Acquires slots even when none is free: an input goes on after its remote call has come back. */
  acquire(weight: number): void;
  release(weight: number): void;
  /** Adds a listener that is called, in turn with the others, when a slot comes free. */
  onFree(listener: () => void): void;
}

const SLOTS_PER_CORE = 2;

/** Default room: an input rarely keeps a whole core busy. */
export const DEFAULT_SLOTS: number = SLOTS_PER_CORE * availableParallelism();

/** The slots that an input of a Function with this `cpu` needs; never more than there are, so that it runs at all. */
export function slotsOf(cpu: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.ceil(cpu * SLOTS_PER_CORE)));
}

/** Makes room for `limit` inputs. */
export function createSlots(limit: number = DEFAULT_SLOTS): Slots {
  const listeners: (() => void)[] = [];
  let acquired = 0;
  let first = 0;
  return {
    limit,
    get free() {
      return limit - acquired;
    },
    acquire(weight) {
      acquired += weight;
    },
    release(weight) {
      acquired -= weight;
      if (acquired >= limit) return;
      // Start at another listener each time, so that no Function starves the others.
      first = (first + 1) % Math.max(1, listeners.length);
      for (let i = 0; i < listeners.length && acquired < limit; i++) listeners[(first + i) % listeners.length]?.();
    },
    onFree(listener) {
      listeners.push(listener);
    },
  };
}
