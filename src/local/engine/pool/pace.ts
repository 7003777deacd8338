/** Part of the newest body in the average. */
const NEWEST = 0.1;

/** How a Function's bodies have run lately. */
export class Pace {
  /** What a body took, as a moving average; `Infinity` before the first. */
  bodyMicroseconds: number = Number.POSITIVE_INFINITY;
  /** Whether a body ever wrote past the runtime, where the lines do not say which input wrote them. */
  writesNatively = false;

  /** Counts a body that has run. */
  add(microseconds: number): void {
    this.bodyMicroseconds =
      this.bodyMicroseconds === Number.POSITIVE_INFINITY ? microseconds : this.bodyMicroseconds * (1 - NEWEST) + microseconds * NEWEST;
  }
}
