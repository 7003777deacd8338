import type { Job } from "../job.ts";

/** What a container has told its pool and what waits until the lines that were written before it have been read too. */
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
    // After this turn's polling: whatever the pipes held when the result was read has been read by then.
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
