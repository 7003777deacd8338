import { STREAM_WINDOW_ITEMS } from "../../../ports/functions.ts";
import type { Job } from "../job.ts";

/** The jobs that one container has, in the order in which it works them off. */
export class ContainerJobs {
  readonly #jobs: Map<number, Job> = new Map();
  #lastSeq = 0;

  get size(): number {
    return this.#jobs.size;
  }

  /** How many the container has received so far. */
  get received(): number {
    return this.#lastSeq;
  }

  /** The one that the container works on. */
  get head(): Job | null {
    for (const job of this.#jobs.values()) return job;
    return null;
  }

  get(seq: number): Job | undefined {
    return this.#jobs.get(seq);
  }

  has(job: Job): boolean {
    return this.#jobs.get(job.seq) === job;
  }

  all(): readonly Job[] {
    return [...this.#jobs.values()];
  }

  /** The job that runs an input; `undefined` when none does. */
  ofInput(inputId: string | undefined): Job | undefined {
    for (const job of this.#jobs.values()) if (job.envelope.inputId === inputId) return job;
    return undefined;
  }

  /** Adds a job at the end and gives it its number here. */
  add(job: Job, startBeforeMs: number): void {
    job.seq = this.#lastSeq = (this.#lastSeq + 1) >>> 0;
    job.startBeforeMs = startBeforeMs;
    job.waits = 0;
    job.credit = STREAM_WINDOW_ITEMS;
    job.headSinceMs = this.#jobs.size === 0 ? Date.now() : 0;
    this.#jobs.set(job.seq, job);
  }

  /** Removes a job; when it was the first, the next one becomes the first. */
  remove(seq: number): Job | undefined {
    const job = this.#jobs.get(seq);
    if (job === undefined) return undefined;
    const wasHead = this.head === job;
    this.#jobs.delete(seq);
    const next = wasHead ? this.head : null;
    if (next !== null) next.headSinceMs = Date.now();
    return job;
  }

  /** Removes all jobs and gives them, in their order. */
  removeAll(): readonly Job[] {
    const all = this.all();
    this.#jobs.clear();
    return all;
  }
}
