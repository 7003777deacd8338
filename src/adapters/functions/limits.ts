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

/** Bytes of all environment variables of a Lambda function, keys and values. */
export const LAMBDA_MAX_ENV_BYTES = 4_096;
