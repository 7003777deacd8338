import type { Job } from "../job.ts";

/** Results that wait until the lines written before them have been read as well. */
export class Settling {
  #waiting: (() => void)[] = [];
  #head: Job | null = null;

  /** Whose lines the pipes still hold: the first job with a result that has not settled yet. */
  get head(): Job | null {
    return this.#head;
  }

  /** Settles at the end of this turn of the event loop; `job` is the one whose result this is. */
  add(job: Job | null, settle: () => void): void {
    this.#head ??= job;
    this.#waiting.push(settle);
    // The event loop polls once more first: by then, all that the pipes held when the result was read has been read.
    if (this.#waiting.length === 1) setImmediate(() => this.flush());
  }

  /** Settles now: no further line can come. */
  flush(): void {
    const settled = this.#waiting;
    this.#waiting = [];
    this.#head = null;
    for (const settle of settled) settle();
  }
}
