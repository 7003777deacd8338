import { availableParallelism } from "node:os";

/** Layer for inputs that run at the same time on this machine; one that waits on a remote call needs none. */
export interface Slots {
  readonly limit: number;
  readonly free: number;
  /** Takes slots even where none is free: an input that goes on after its remote call came back. */
  take(weight: number): void;
  give(weight: number): void;
  /** Called, in turn, whenever a slot comes free. */
  onFree(listener: () => void): void;
}

const SLOTS_PER_CORE = 2;

/** Default room: an input rarely keeps a whole core busy. */
export const DEFAULT_SLOTS: number = SLOTS_PER_CORE * availableParallelism();

/** The slots that an input of a Function with this `cpu` takes; never more than there are, so that it runs at all. */
export function slotsOf(cpu: number, limit: number): number {
  return Math.min(limit, Math.max(1, Math.ceil(cpu * SLOTS_PER_CORE)));
}

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
    take(weight) {
      taken += weight;
    },
    give(weight) {
      taken -= weight;
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
