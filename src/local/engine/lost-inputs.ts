/** More are forgotten, oldest first: their callers gave them up. */
const LOST_MAX = 1_000;

/** Inputs that were lost and that their callers may send again, under the same number of the attempt. */
export class LostInputs {
  readonly #ids = new Set<string>();

  add(inputId: string): void {
    this.#ids.add(inputId);
    if (this.#ids.size > LOST_MAX) for (const oldest of this.#ids) return void this.#ids.delete(oldest);
  }

  /** Whether this one comes again; it is forgotten then. */
  remove(inputId: string): boolean {
    return this.#ids.delete(inputId);
  }
}
