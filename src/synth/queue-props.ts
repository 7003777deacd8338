/** What every queue of an App has in common: a message is kept as long as SQS can, and is encrypted. */
export const QUEUE_PROPS = { messageRetentionPeriod: 14 * 24 * 60 * 60, sqsManagedSseEnabled: true } as const;
