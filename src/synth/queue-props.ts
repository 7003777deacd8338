import type { AppSettings } from "./app-settings.ts";

/** What every queue of an App has in common: a message is kept as long as SQS can, and is encrypted, by the App's key if it has one. */
export function queueProps({ kmsKeyArn }: Pick<AppSettings, "kmsKeyArn">): QueueProps {
  const kept = { messageRetentionPeriod: 14 * 24 * 60 * 60 };
  return kmsKeyArn === undefined ? { ...kept, sqsManagedSseEnabled: true } : { ...kept, kmsMasterKeyId: kmsKeyArn };
}

interface QueueProps {
  readonly messageRetentionPeriod: number;
  readonly sqsManagedSseEnabled?: boolean;
  readonly kmsMasterKeyId?: string;
}
