/**
 * How long a deploy waits for the names of deleted queues. SQS keeps a name for 60 s after the queue was deleted (API
 * reference of DeleteQueue); ten more, since it has been seen to take a little longer.
 */
export const QUEUE_NAMES_WAIT_MS = 70_000;

/** Whether CloudFormation has failed only because SQS still keeps the names of queues that were deleted a moment ago. */
export function isForQueueNames(failures: readonly string[]): boolean {
  return failures.length > 0 && failures.every((failure) => KEPT_NAME.test(failure));
}

// --- Internal helpers ---

/** SQS's own words, and its code for them, of which CloudFormation's event has at least one. */
const KEPT_NAME = /QueueDeletedRecently|wait 60 seconds after deleting a queue/i;
