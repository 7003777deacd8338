/** How deep a value may nest: deeper ones are refused by name before they can exhaust a stack. */
export const MAX_NESTING = 1_000;

/** Bytes inside an error's field; more than this is dropped with a note. */
export const MAX_ERROR_FIELD_BYTES = 64 * 1024;

/** Length of an error's field as text; more than this is dropped with a note. */
export const MAX_ERROR_FIELD_CHARS = 1024 * 1024;

/** Errors carried inside one error: causes, members of AggregateErrors, errors in fields. */
export const MAX_ERRORS_IN_ERROR = 1_000;

/** Causes of causes. */
export const MAX_CAUSE_DEPTH = 32;

/** Digits of a received BigInt: reading one takes more than linear time. */
export const MAX_BIGINT_DIGITS = 100_000;

/** Bytes of a key, encoded: it lies in a row of at most 400 KB (DynamoDB's limit) beside what else the row says. */
export const MAX_KEY_BYTES = 256 * 1024;
