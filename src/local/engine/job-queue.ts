import type { Job } from "./job.ts";

/** Taken places may be this many, and half of all, before the list is cut. */
const TAKEN_MAX = 1_024;

/** Jobs that wait for a container, first come first served. */
export class JobQueue {
  #jobs: (Job | null)[] = [];
  #first = 0;

  get size(): number {
    return this.#jobs.length - this.#first;
  }

  push(job: Job): void {
    this.#jobs.push(job);
  }

  /** Takes the first; the queue must not be empty. */
  shift(): Job {
    const job = this.#jobs[this.#first] as Job;
    this.#jobs[this.#first++] = null;
    if (this.#first > TAKEN_MAX && this.#first * 2 > this.#jobs.length) {
      this.#jobs = this.#jobs.slice(this.#first);
      this.#first = 0;
    }
    return job;
  }

  /** Puts jobs that were taken back to the front, in their order. */
  unshift(jobs: readonly Job[]): void {
    // There is room before the first as long as something has been taken.
    const start = Math.max(0, this.#first - jobs.length);
    this.#jobs.splice(start, this.#first - start, ...jobs);
    this.#first = start;
  }

  /** Takes this one out; whether it was there. */
  remove(job: Job): boolean {
    const at = this.#jobs.indexOf(job, this.#first);
    if (at < 0) return false;
    this.#jobs.splice(at, 1);
    return true;
  }

  /** Takes all. */
  takeAll(): readonly Job[] {
    const all = this.#jobs.slice(this.#first) as Job[];
    this.#jobs = [];
    this.#first = 0;
    return all;
  }
}
