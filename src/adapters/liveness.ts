/** Objects that are remembered before those are forgotten that were seen too long ago. */
const MAX_REMEMBERED = 1_000;

/** Which objects a process has seen a moment ago, so that it need not look for one before each of many operations. */
export class Liveness {
  readonly #forMs: number;
  readonly #until = new Map<string, number>();
  readonly #checks = new Map<string, Promise<void>>();

  /** What was seen counts for so many milliseconds. */
  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** Notes that an object is there. */
  seen(id: string): void {
    const now = performance.now();
    // A process may meet many objects, and need not remember them.
    if (this.#until.size >= MAX_REMEMBERED) for (const [old, until] of this.#until) if (until < now) this.#until.delete(old);
    this.#until.set(id, now + this.#forMs);
  }

  /** Notes that it may not be. */
  forget(id: string): void {
    this.#until.delete(id);
  }

  /** Looks, unless it was seen or another operation is looking. Rejects with what `look` rejects with. */
  async check(id: string, look: () => Promise<void>): Promise<void> {
    if (performance.now() < (this.#until.get(id) ?? 0)) return;
    let check = this.#checks.get(id);
    if (check === undefined) {
      check = look().finally(() => this.#checks.delete(id));
      this.#checks.set(id, check);
    }
    await check;
  }
}
