import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import type { RetryPolicy } from "./function-spec.ts";
import { checkNumber, checkOptionNames, isPlainObject } from "./option-checks.ts";

/** When and how often a failed or timed-out attempt is repeated. It says nothing of lost and cancelled attempts. */
export interface RetriesOptions {
  /** Additional attempts after the first: an integer from 0 to 10 (Modal's limit). */
  readonly maxRetries: number;
  /** Each delay is the one before times this: from 1 (always the same) to 10. @default 2 */
  readonly backoffCoefficient?: number | undefined;
  /** Delay before the first retry: 0 to 60,000 ms. A delay is never shorter than 1,000 ms. @default 1_000 */
  readonly initialDelayMs?: number | undefined;
  /** No delay is longer: 1,000 to 60,000 ms. @default 60_000 */
  readonly maxDelayMs?: number | undefined;
}

/** Additional attempts that a Function may ask for. */
export const MAX_RETRIES = 10;

/** The policy of a Function that names none. */
export const NO_RETRIES: RetryPolicy = Object.freeze({ maxRetries: 0, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 60_000 });

const MIN_DELAY_MS = 1_000;
const MAX_DELAY_MS = 60_000;
const KNOWN = ["maxRetries", "backoffCoefficient", "initialDelayMs", "maxDelayMs"];
const RENAMED = {
  max: "maxRetries",
  retries: "maxRetries",
  count: "maxRetries",
  backoff: "backoffCoefficient",
  initialDelay: "initialDelayMs",
  maxDelay: "maxDelayMs",
};

/**
 * The policy that a Function's `retries` stands for. A number is so many retries, one second apart.
 *
 * `what` begins the message of the `InvalidError` that a wrong value throws, such as `Function "count"`.
 */
export function resolveRetries(retries: number | RetriesOptions | undefined, what = "Retries"): RetryPolicy {
  if (retries === undefined) return NO_RETRIES;
  if (typeof retries === "number") {
    const maxRetries = checkNumber(what, "retries", retries, { min: 0, max: MAX_RETRIES });
    return maxRetries === 0 ? NO_RETRIES : { ...NO_RETRIES, maxRetries };
  }
  const options = fieldsOf(retries, what);
  return {
    maxRetries: checkNumber(what, "retries.maxRetries", options["maxRetries"], { min: 0, max: MAX_RETRIES }),
    backoffCoefficient: checkNumber(what, "retries.backoffCoefficient", options["backoffCoefficient"] ?? 2, {
      min: 1,
      max: 10,
      integer: false,
    }),
    initialDelayMs: checkNumber(what, "retries.initialDelayMs", options["initialDelayMs"] ?? 1_000, {
      min: 0,
      max: MAX_DELAY_MS,
      unit: "milliseconds",
    }),
    maxDelayMs: checkNumber(what, "retries.maxDelayMs", options["maxDelayMs"] ?? MAX_DELAY_MS, {
      min: MIN_DELAY_MS,
      max: MAX_DELAY_MS,
      unit: "milliseconds",
    }),
  };
}

/**
 * Milliseconds to wait after the given number of counted failures (1, 2, …), or `null` when no retry is left.
 *
 * It is `initialDelayMs · backoffCoefficient^(failures − 1)`, at least one second, at most `maxDelayMs`.
 */
export function nextRetryDelayMs(policy: RetryPolicy, failures: number): number | null {
  if (failures > policy.maxRetries) return null;
  const delayMs = policy.initialDelayMs * policy.backoffCoefficient ** (failures - 1);
  return Math.round(Math.min(policy.maxDelayMs, Math.max(MIN_DELAY_MS, delayMs)));
}

// --- Internal helpers ---

function fieldsOf(retries: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof retries !== "object" || retries === null || Array.isArray(retries)) {
    throw new InvalidError(
      `${what}: retries is ${showValue(retries)}. It must be an integer from 0 to ${MAX_RETRIES}, or an object with maxRetries.`,
      {
        hint: "Write retries: 3, or retries: { maxRetries: 3, initialDelayMs: 1_000 }.",
      },
    );
  }
  // An instance of a class, such as Retries, may hold more than its options.
  if (isPlainObject(retries)) checkOptionNames(`${what}: retries`, retries, { known: KNOWN, renamed: RENAMED });
  return retries as Readonly<Record<string, unknown>>;
}
