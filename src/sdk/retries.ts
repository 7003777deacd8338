import { resolveRetries } from "../model/retry-policy.ts";
import type { RetriesOptions } from "../model/retry-policy.ts";
import type { RetryPolicy } from "../model/function-spec.ts";

/**
 * How a Function's failed and timed-out attempts are repeated.
 *
 * The delay after the n-th failure is `initialDelayMs · backoffCoefficient^(n − 1)`, at least one second, at most
 * `maxDelayMs`. Lost inputs run again for free and cancelled ones never. Throws `InvalidError` for a value that is
 * out of its range.
 *
 * @example
 * import { App, Retries } from "tenon";
 *
 * const app = new App("billing");
 *
 * export const charge = app.function(
 *   "charge",
 *   { retries: new Retries({ maxRetries: 4, initialDelayMs: 2_000 }) },
 *   async (invoice: string) => `charged ${invoice}`,
 * );
 */
export class Retries implements RetryPolicy {
  readonly maxRetries: number;
  readonly backoffCoefficient: number;
  readonly initialDelayMs: number;
  readonly maxDelayMs: number;

  constructor(options: RetriesOptions) {
    const policy = resolveRetries(options);
    this.maxRetries = policy.maxRetries;
    this.backoffCoefficient = policy.backoffCoefficient;
    this.initialDelayMs = policy.initialDelayMs;
    this.maxDelayMs = policy.maxDelayMs;
  }
}
