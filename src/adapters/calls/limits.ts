/** How long the outcome of a durable call is kept after the call ended; Modal keeps results for 7 days. */
export const CALL_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000;

/** Bytes of one binary part up to which it stays inside its row; a larger one gets a row of its own. */
export const INLINE_PART_BYTES = 64 * 1_024;

/** Calls of one Function that one driver has handed out at a time; the others wait in their rows. */
export const DRIVER_WINDOW = 64;

/** The first pause between two looks at a call that is waited for. */
export const GET_POLL_MIN_MS = 2;
/** The longest such pause. */
export const GET_POLL_MAX_MS = 100;

/** While calls run, how often a driver looks for those that are to be cancelled without being told. */
export const CANCEL_POLL_MS = 250;

/** How often an idle driver looks for calls that it was not told of. */
export const SCAN_EVERY_MS = 1_000;

/**
 * Bytes of an input or an outcome up to which it stays inside its row on AWS; a larger one becomes an S3 object. DynamoDB counts
 * a write for each KB: from some 8 KB on the two requests to S3 cost less, and a row must not fill its partition's thousand.
 */
export const INLINE_MESSAGE_BYTES = 4 * 1_024;

/** Bytes of an input up to which it travels with the call's first delivery, so that its container need not read it. */
export const ALONG_MESSAGE_BYTES = 64 * 1_024;

/**
 * Partitions over which the markers of a Function's unfinished calls spread. A call writes its marker and removes it, and
 * DynamoDB takes 1,000 writes a second in each partition: some 4,000 calls of a Function a second.
 */
export const DUE_SHARDS = 8;

/** The first pause between two looks at a call on AWS that is waited for. */
export const AWS_GET_POLL_MIN_MS = 25;
/** The longest such pause. */
export const AWS_GET_POLL_MAX_MS = 5_000;

/** How often a running call on AWS looks whether it is to be cancelled. */
export const AWS_CANCEL_POLL_MS = 1_000;

/** How long the row of an outcome stays after the call ended: as long again as the outcome, to say that it expired. */
export const AWS_OUTCOME_ROW_MS = 2 * CALL_RETENTION_MS;

/**
 * How long a call's input and the row that names its Function stay when nothing removes them. The objects of an input
 * in S3 stay as long, those of an outcome as long as its row.
 */
export const AWS_CALL_ROW_MS = 30 * 24 * 60 * 60 * 1_000;

/**
 * How often the dispatcher of an App looks for calls that nobody works on. A call that should have been started longer
 * ago is started again, at doubling distances: what is queued in Lambda may just be slow.
 */
export const AWS_SWEEP_EVERY_MS = 5 * 60_000;

/** How long after the last moment of an invocation its lease ends; by then nothing of it can be running. */
export const AWS_LEASE_SPARE_MS = 5_000;

/** The most that an event source of SQS takes as `MaximumConcurrency`; the least is 2. */
export const MAX_SOURCE_CONCURRENCY = 1_000;
