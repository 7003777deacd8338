import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { expect, it } from "vitest";
import { clientOptions } from "./account.ts";
import { MINUTE_MS, sumsSince, writtenUnits } from "./cloudwatch-meter.ts";
import { describeAws, emulatedAws } from "./emulator.ts";

// Custom metrics stand for those of AWS, which no emulator writes.
const aws = await emulatedAws();
const PATIENCE = { settledMs: 1_000, mostMs: 10_000, pollMs: 100 };

describeAws(aws)("the sums of metrics", () => {
  const account = () => ({ options: clientOptions(aws.account, aws.account.rootCredentials) });
  const metric = (table: string) => ({ ...writtenUnits(table), Namespace: "Tenon/Test" });
  async function put(table: string, Value: number, Timestamp: Date): Promise<void> {
    const { Namespace, MetricName, Dimensions } = metric(table);
    const client = new CloudWatchClient(account().options);
    await client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, Dimensions: [...Dimensions], Value, Timestamp }] }));
    client.destroy();
  }

  it("are those of all minutes since the first, late ones too, of no other table, and 0 of what has counted nothing", async () => {
    const since = new Date(Math.floor(Date.now() / MINUTE_MS - 5) * MINUTE_MS);
    await put("calls", 100, new Date(since.getTime() - 1_000));
    await put("calls", 3, since);
    await put("other", 50, since);
    const sums = sumsSince(account(), { calls: metric("calls"), nothing: metric("nothing") }, ["calls"], since, PATIENCE);
    await put("calls", 4, new Date(since.getTime() + 2 * MINUTE_MS));
    expect(await sums).toEqual({ calls: 7, nothing: 0 });
  });

  it("are refused while one has counted nothing that must have", async () => {
    const since = new Date(Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS);
    const refused = sumsSince(account(), { nothing: metric("nothing") }, ["nothing"], since, { ...PATIENCE, mostMs: 2_000 });
    await expect(refused).rejects.toThrow('{"nothing":0}. nothing must be above 0');
  });
});
