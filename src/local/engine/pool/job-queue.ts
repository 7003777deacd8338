import type { Job } from "../job.ts";

/** Empty places at the front of a line may be this many, and half of all, before they are cut off. */
const EMPTY_MAX = 1_024;

/**
 * Jobs that wait for a container. Those whose input has run before, or that a container gave back, come first; within both
 * groups it is first come, first served.
 */
export class JobQueue {
  readonly #again = new JobLine();
  readonly #fresh = new JobLine();

  get size(): number {
    return this.#again.size + this.#fresh.size;
  }

  push(job: Job): void {
    (job.isAgain ? this.#again : this.#fresh).push(job);
  }

  /** Removes the first job and gives it; the queue must not be empty. */
  shift(): Job {
    return (this.#again.size > 0 ? this.#again : this.#fresh).shift();
  }

  /** Puts jobs that a container gave back before all others, in their order. */
  unshift(jobs: readonly Job[]): void {
    this.#again.unshift(jobs);
  }

  /** Removes this job; says whether it was there. */
  remove(job: Job): boolean {
    return this.#again.remove(job) || this.#fresh.remove(job);
  }

  /** Removes all jobs and gives them. */
  removeAll(): readonly Job[] {
    return [...this.#again.removeAll(), ...this.#fresh.removeAll()];
  }
}

// --- Internal helpers ---

/** Jobs in the order of their coming. */
class JobLine {
  #jobs: (Job | null)[] = [];
  #first = 0;

  get size(): number {
    return this.#jobs.length - this.#first;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  shift(): Job {
    const job = this.#jobs[this.#first] as Job;
    this.#jobs[this.#first++] = null;
    if (this.#first > EMPTY_MAX && this.#first * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#first);
      this.#first = 0;
    }
    return job;
  }

  unshift(jobs: readonly Job[]): void {
    // There is room before the first as long as a job has been removed.
    const start = Math.max(0, this.#first - jobs.length);
    this.#jobs.splice(start, this.#first - start, ...jobs);
    this.#first = start;
  }

  remove(job: Job): boolean {
    const at = this.#jobs.indexOf(job, this.#first);
    if (at < 0) return false;
    this.#jobs.splice(at, 1);
    return true;
  }

  removeAll(): readonly Job[] {
    const all = this.#jobs.slice(this.#first) as Job[];
    this.#jobs = [];
    this.#first = 0;
    return all;
  }
}
