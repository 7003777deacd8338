/** The attempts that a driver has handed out and that have not come back. */
export class CallFlights {
  readonly #flights: Map<string, Flight> = new Map();
  readonly #perFunction: Map<string, number> = new Map();

  get size(): number {
    return this.#flights.size;
  }

  has(callId: string): boolean {
    return this.#flights.has(callId);
  }

  /** How many calls of a Function are under way. */
  countOf(fn: string): number {
    return this.#perFunction.get(fn) ?? 0;
  }

  /** Adds a call until what `fly` promises has come. */
  add(callId: string, fn: string, fly: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    this.#perFunction.set(fn, this.countOf(fn) + 1);
    const done = fly(controller.signal).finally(() => {
      this.#flights.delete(callId);
      this.#perFunction.set(fn, this.countOf(fn) - 1);
    });
    this.#flights.set(callId, { controller, done });
    return done;
  }

  /** Aborts a call's signal; says whether it is under way. */
  abort(callId: string, reason: Error): boolean {
    const flight = this.#flights.get(callId);
    flight?.controller.abort(reason);
    return flight !== undefined;
  }

  /** Resolves when none is under way. */
  async landed(): Promise<void> {
    while (this.#flights.size > 0) await Promise.all([...this.#flights.values()].map(({ done }) => done));
  }
}

// --- Internal helpers ---

interface Flight {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}
