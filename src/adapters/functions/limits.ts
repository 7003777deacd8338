/**
 * How long a caller waits, on average, after Lambda had no room for its input: the limit on concurrency gains 1,000
 * environments per function every 10 s.
 */
export const THROTTLE_RETRY_MS = 250;

/** How long a caller waits, on average, while Lambda still takes over a new version of the function's code. */
export const UPDATE_RETRY_MS = 1_000;

/**
 * The signal by which the watchdog of a container ends it when a body blocks past its `timeoutMs`: nobody else sends
 * it, so it says why the process ended.
 */
export const WATCHDOG_SIGNAL = "SIGVTALRM";
