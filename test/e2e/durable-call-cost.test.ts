import { join } from "node:path";
import type { Client } from "tenon";
import { RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import type * as Long from "../fixtures/long-app.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { metered, writeUnits } from "../helpers/meter.ts";

/** What a small spawned call may write: its rows' units, transactions counted double. */
const MOST_WRITE_UNITS = 6;
/** What a call that succeeds may print, with the lines that Lambda adds. */
const MOST_LOG_BYTES = 300;

const aws = await emulatedAws();

describeAws(aws)("what a small durable call costs on AWS", { timeout: 60_000 }, () => {
  let client: Client;
  const double = (): RemoteFunction<typeof Long.double.local> => RemoteFunction.fromName<typeof Long.double>("long", "double", { client });

  /** Spawns a call, and waits for its value and for the removal of its marker, which comes after it. */
  async function call(n: number): Promise<number> {
    const ended = async (): Promise<number> => (await aws.account.meter()).requests["dynamodb:DeleteItem"] ?? 0;
    const before = await ended();
    const value = await (await double().spawn(n)).get();
    await expect.poll(ended, { timeout: 20_000 }).toBeGreaterThan(before);
    return value;
  }

  beforeAll(async () => {
    await deployOnAccount(aws.account, "test", join(import.meta.dirname, "../fixtures/long-app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
  }, 60_000);
  afterAll(() => client?.close());

  it("writes few units, and prints little", async (context) => {
    skipWithGap(context, aws.account, "meter-units");
    // The first call starts a container and finds the App.
    await call(1);
    const { billed, value } = await metered(aws.account, () => call(21));
    expect(value).toBe(42);
    // What an invocation has printed is counted after its end: this one and the one before.
    const { logs } = (await metered(aws.account, () => call(22))).billed;
    const logBytes = billed.logs.bytes + billed.logs.platformBytes + logs.bytes + logs.platformBytes;
    await context.annotate(`${writeUnits(billed)} write units, ${logBytes} bytes of logs of two calls: ${JSON.stringify(billed)}`);
    expect(writeUnits(billed)).toBeGreaterThan(0);
    expect(writeUnits(billed)).toBeLessThanOrEqual(MOST_WRITE_UNITS);
    expect(logBytes).toBeLessThanOrEqual(2 * MOST_LOG_BYTES);
    expect(billed.requests["lambda:Invoke"]).toBe(1);
    expect(billed.metrics).toEqual([]);
  });
});
