import { setTimeout as pause } from "node:timers/promises";
import { CloudWatchClient, GetMetricStatisticsCommand } from "@aws-sdk/client-cloudwatch";
import type { AccountUnderTest } from "./account-under-test.ts";

/** A metric that counts, with its dimensions. */
export interface CountingMetric {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
}

/** How long to wait for a metric; tests have shorter ones. */
export interface Patience {
  /** What has not changed for so long is taken for whole. */
  readonly settledMs: number;
  readonly mostMs: number;
  readonly pollMs: number;
}

/** Of metrics with a period of one minute. */
export const MINUTE_MS = 60_000;
/** AWS says of no metric when it is whole; within some minutes they are. */
const PATIENCE: Patience = { settledMs: 4 * MINUTE_MS, mostMs: 20 * MINUTE_MS, pollMs: 20_000 };

/** What DynamoDB bills for the writes of a table; units of transactions are counted double. */
export function writtenUnits(table: string): CountingMetric {
  return { Namespace: "AWS/DynamoDB", MetricName: "ConsumedWriteCapacityUnits", Dimensions: [{ Name: "TableName", Value: table }] };
}

/** What CloudWatch bills for the lines of a log group. */
export function loggedBytes(group: string): CountingMetric {
  return { Namespace: "AWS/Logs", MetricName: "IncomingBytes", Dimensions: [{ Name: "LogGroupName", Value: group }] };
}

/** Waits for a minute in which nothing is counted that came before; says when it begins. */
export async function nextWindow(quietMs = 15_000): Promise<Date> {
  const start = Math.ceil((Date.now() + quietMs) / MINUTE_MS) * MINUTE_MS;
  await pause(start - Date.now());
  return new Date(start);
}

/**
 * The sums of metrics since the beginning of a minute, when they grow no more. AWS keeps no points of what has counted nothing,
 * so some must have counted: `alive` says which. Rejects with a `RangeError` if one of those stays 0.
 */
export async function sumsSince<Name extends string>(
  { options }: Pick<AccountUnderTest, "options">,
  metrics: Readonly<Record<Name, CountingMetric>>,
  alive: readonly NoInfer<Name>[],
  since: Date,
  { settledMs, mostMs, pollMs }: Patience = PATIENCE,
): Promise<Readonly<Record<Name, number>>> {
  const client = new CloudWatchClient(options);
  const began = Date.now();
  let [sums, changed] = [{} as Record<Name, number>, began];
  try {
    while (Date.now() - began < mostMs) {
      const now = {} as Record<Name, number>;
      for (const name of Object.keys(metrics) as Name[]) now[name] = await sumOf(client, metrics[name], since);
      if (JSON.stringify(now) !== JSON.stringify(sums)) [sums, changed] = [now, Date.now()];
      if (alive.every((name) => sums[name] > 0) && Date.now() - changed >= settledMs) return sums;
      await pause(pollMs);
    }
  } finally {
    client.destroy();
  }
  throw new RangeError(`After ${mostMs} ms CloudWatch's sums are not whole: ${JSON.stringify(sums)}. ${alive.join(", ")} must be above 0.`);
}

// --- Internal helpers ---

async function sumOf(client: CloudWatchClient, { Namespace, MetricName, Dimensions }: CountingMetric, StartTime: Date): Promise<number> {
  // The minute that runs is part of it.
  const EndTime = new Date(Date.now() + MINUTE_MS);
  const asked = { Namespace, MetricName, Dimensions: [...Dimensions], StartTime, EndTime, Period: 60 };
  const { Datapoints = [] } = await client.send(new GetMetricStatisticsCommand({ ...asked, Statistics: ["Sum"] }));
  return Datapoints.reduce((total, each) => total + (each.Sum ?? 0), 0);
}
