import { setImmediate as turn } from "node:timers/promises";

/** Longer than this without a request, and others may have closed the sockets meanwhile. */
const IDLE_MS = 1_000;

/** Lets so many in at the same time; the others wait in their order. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #free: number;
  #usedAtMs = performance.now();

  constructor(places: number) {
    this.#free = places;
  }

  /** Resolves when there is a place; who has it must {@link Gate.leave}. */
  async enter(): Promise<void> {
    if (this.#free > 0) this.#free--;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    const idleMs = performance.now() - this.#usedAtMs;
    this.#usedAtMs += idleMs;
    if (idleMs > IDLE_MS) await hearOfPeers();
  }

  /** Gives a place back: to who has waited longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#free++;
    else next();
  }
}

// --- Internal helpers ---

/** A process that stood still hears now that its peers are gone, and not after it has written to them. */
async function hearOfPeers(): Promise<void> {
  // The first turn may end before sockets are looked at.
  await turn();
  await turn();
}
