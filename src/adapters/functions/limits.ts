/** Longest run of a Lambda function, in seconds (Lambda's `Timeout`). */
export const LAMBDA_MAX_TIMEOUT_SECONDS = 900;

/** What an invocation keeps beside start-up and body, to write down how it ended. */
export const LAMBDA_SPARE_MS = 10_000;

/** Longest `timeoutMs` of a Function on Lambda: its 900 seconds less 30 for start-up and the end. */
export const LAMBDA_MAX_FUNCTION_TIMEOUT_MS = 870_000;

/** Least memory of a Lambda function, in MB. */
export const LAMBDA_MIN_MEMORY_MIB = 128;

/** Most memory of a Lambda function, in MB. */
export const LAMBDA_MAX_MEMORY_MIB = 10_240;

/** Memory with which a Lambda function has one whole vCPU; its share grows with its memory. */
export const LAMBDA_MIB_PER_VCPU = 1_769;

/** The `startupTimeoutMs` that a container on Lambda is not told of: that of a Function which names no timeout. */
export const LAMBDA_DEFAULT_STARTUP_MS = 300_000;

/** Bytes of all environment variables of a Lambda function, keys and values. */
export const LAMBDA_MAX_ENV_BYTES = 4_096;
/**
 * How long a caller waits, on average, after Lambda had no room for its input: the limit on concurrency gains 1,000
 * environments per function every 10 s.
 */
export const THROTTLE_RETRY_MS = 250;

/** Containers of Lambda at once in an account and region, of all functions, unless AWS has been asked for more (Lambda quotas). */
export const ACCOUNT_CONCURRENCY = 1_000;

/** The same in a new account: AWS raises it with use ("New AWS accounts have reduced concurrency", Lambda quotas). */
export const NEW_ACCOUNT_CONCURRENCY = 10;

/**
 * What is little of it: Lambda lets no account reserve so much that fewer are left for all functions that reserve none, so only
 * an account that AWS has not raised yet has less.
 */
export const LOW_CONCURRENCY = 100;

/** Longest `timeoutMs` of a Function for which a caller holds its connection open; longer ones are spawned. */
export const LONGEST_HELD_MS = 300_000;

/** Inputs of a map that are under way before the first has come back: Lambda's concurrency grows by steps. */
export const FIRST_MAP_WINDOW = 10;

/** Inputs of a map inside a container that are under way: a process on Lambda has 1,024 descriptors (Lambda quotas). */
export const CONTAINER_MAP_WINDOW = 400;

/** How long a container asks again for a call that Lambda has no room for; then the call waits in Lambda's own queue. */
export const REFUSED_MS = 5_000;

/**
 * How long, on average, a container waits for the start of a call that Lambda had no room for. At the account's limit callers
 * hold what their calls wait for, and only one that gives up lets the others go on.
 */
export const UNSTARTED_MS = 120_000;

/** How long a caller waits, on average, while Lambda still takes over a new version of the function's code. */
export const UPDATE_RETRY_MS = 1_000;

/**
 * The signal by which the watchdog of a container ends it when a body blocks past its `timeoutMs`: nobody else sends
 * it, so it says why the process ended.
 */
export const WATCHDOG_SIGNAL = "SIGVTALRM";
