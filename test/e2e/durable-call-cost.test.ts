import { join } from "node:path";
import type { Client } from "tenon";
import { RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Emulator } from "../../localstack/start.js";
import { callsTable, logGroup } from "../../src/model/aws-names.ts";
import type * as Long from "../fixtures/long-app.ts";
import { accountUnderTest } from "../helpers/account-under-test.ts";
import { loggedBytes, nextWindow, sumsSince, writtenUnits } from "../helpers/cloudwatch-meter.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { metered, writeUnits } from "../helpers/meter.ts";

/** What a small spawned call may write: its rows' units, transactions counted double. */
const MOST_WRITE_UNITS = 6;
/** What a call that succeeds may print, with the lines that Lambda adds. */
const MOST_LOG_BYTES = 300;
/** So many that the rest of the minutes in which CloudWatch counts them is small. */
const CALLS = 50;

const account = await accountUnderTest("m");

account.describe("what a small durable call costs on AWS", () => {
  let client: Client;
  const call = (n: number): Promise<number> =>
    RemoteFunction.fromName<typeof Long.double>("long", "double", { client })
      .spawn(n)
      .then((spawned) => spawned.get());
  const fail = (): Promise<void> =>
    RemoteFunction.fromName<typeof Long.broken>("long", "broken", { client })
      .spawn()
      .then((spawned) => spawned.get());

  beforeAll(async () => {
    await account.deploy(join(import.meta.dirname, "../fixtures/long-app.ts"));
    client = account.client();
  });
  afterAll(() => client?.close());

  if (account.emulator === undefined) testByCloudWatch(call, fail);
  else testByMeter(account.emulator, call);
});

// --- Internal helpers ---

/** An emulated account knows what each request was billed. */
function testByMeter(emulator: Emulator, call: (n: number) => Promise<number>): void {
  /** Waits for the removal of the call's marker too, which comes after its value. */
  async function callToItsEnd(n: number): Promise<number> {
    const ended = async (): Promise<number> => (await emulator.meter()).requests["dynamodb:DeleteItem"] ?? 0;
    const before = await ended();
    const value = await call(n);
    await expect.poll(ended, { timeout: 20_000 }).toBeGreaterThan(before);
    return value;
  }

  it("writes few units, and prints little", async (context) => {
    skipWithGap(context, emulator, "meter-units");
    // The first call starts a container and finds the App.
    await callToItsEnd(1);
    const { billed, value } = await metered(emulator, () => callToItsEnd(21));
    expect(value).toBe(42);
    // What an invocation has printed is counted after its end: this one and the one before.
    const { logs } = (await metered(emulator, () => callToItsEnd(22))).billed;
    const logBytes = billed.logs.bytes + billed.logs.platformBytes + logs.bytes + logs.platformBytes;
    await context.annotate(`${writeUnits(billed)} write units, ${logBytes} bytes of logs of two calls: ${JSON.stringify(billed)}`);
    expect(writeUnits(billed)).toBeGreaterThan(0);
    expect(writeUnits(billed)).toBeLessThanOrEqual(MOST_WRITE_UNITS);
    expect(logBytes).toBeLessThanOrEqual(2 * MOST_LOG_BYTES);
    expect(billed.requests["lambda:Invoke"]).toBe(1);
    expect(billed.metrics).toEqual([]);
  });
}

/** AWS counts by the minute, and says so some minutes later. */
function testByCloudWatch(call: (n: number) => Promise<number>, fail: () => Promise<void>): void {
  /** One after another, so that one container serves them. */
  async function callEach(): Promise<readonly number[]> {
    const values: number[] = [];
    for (let n = 0; n < CALLS; n++) values.push(await call(n));
    return values;
  }

  it("answers one call after another, and one that fails", async () => {
    expect(await callEach()).toEqual(Array.from({ length: CALLS }, (_, n) => n * 2));
    await expect(fail()).rejects.toThrow("on purpose");
  });

  it(`writes few units, and prints little, in the mean of ${CALLS} calls`, { timeout: 3_600_000 }, async (context) => {
    skipWithGap(context, account, "cloudwatch-of-aws");
    const since = await nextWindow();
    await callEach();
    // What fails prints: when its log is counted, one that is not counted is empty.
    await expect(fail()).rejects.toThrow("on purpose");
    const { environment } = account;
    const metrics = {
      units: writtenUnits(callsTable(environment)),
      bytes: loggedBytes(logGroup(environment, "long", "double")),
      failed: loggedBytes(logGroup(environment, "long", "broken")),
    };
    const { units, bytes } = await sumsSince(account, metrics, ["units", "failed"], since);
    await context.annotate(`${units} write units, ${bytes} bytes of logs of ${CALLS} calls`);
    expect(units / CALLS).toBeLessThanOrEqual(MOST_WRITE_UNITS);
    expect(bytes / CALLS).toBeLessThanOrEqual(MOST_LOG_BYTES);
  });
}
