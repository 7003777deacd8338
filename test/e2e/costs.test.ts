import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "tenon";
import { Dict, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it } from "vitest";
import { dispatcherName } from "../../src/model/aws-names.ts";
import { CALL_UNITS } from "../../src/synth/call-costs.ts";
import { DICT_UNITS } from "../../src/synth/kinds/dict.ts";
import type * as Costs from "../fixtures/costs-app.ts";
import { invoke } from "../helpers/account.ts";
import { actOn, clientOf, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { metered, unitsOf, type Units } from "../helpers/meter.ts";

const aws = await emulatedAws();

const sum = (numbers: object): number => Object.values(numbers).reduce((all: number, each: number) => all + each, 0);
const { large, looks: _, queueRequests, readsPerLook, reads, sweep, writes } = CALL_UNITS;
/** The tests ask once the call has ended: they look once, however slow this machine is. */
const durable: Units = { write: sum(writes), read: sum(reads) + readsPerLook };
const fed: Units = { ...durable, queue: queueRequests };
const SMALL = "x".repeat(100);
const LARGE = "x".repeat(100_000);
/** Of docs/costs.md: its tables, and the sizes that are measured again here. */
const [PAIRS, MANY] = ["pairs", "many"];
const PAGE_SIZES = [
  ["100 B", 100],
  ["3 KiB", 3 * 1_024],
  ["16 KiB", 16 * 1_024],
  ["64 KiB", 64 * 1_024],
] as const;

describeAws(aws)("what plan reckons with", { timeout: 60_000 }, () => {
  let client: Client;
  const fn = (name: string): RemoteFunction<typeof Costs.echo.local> =>
    RemoteFunction.fromName<typeof Costs.echo>("costs", name, { client });
  /** The marker of a durable call is removed after its outcome is written. */
  const ended = async (): Promise<number> => (await aws.account.meter()).requests["dynamodb:DeleteItem"] ?? 0;
  const messages = async (): Promise<number> => (await aws.account.meter()).eventSources["deletes"] ?? 0;
  /** Waits for the end of whatever this starts, which comes after its answer. */
  async function whole<T>(start: () => Promise<T>, sign: () => Promise<number> = ended): Promise<T> {
    const before = await sign();
    const value = await start();
    await expect.poll(sign, { timeout: 20_000, interval: 25 }).toBeGreaterThan(before);
    return value;
  }
  async function spawned(name: string, text: string): Promise<void> {
    const call = await whole(() => fn(name).spawn(text), name === "echo" ? ended : messages);
    expect(await call.get()).toBe(text);
  }
  /** Measures a second time: the first one starts a container and finds the App. */
  async function units(run: () => Promise<unknown>): Promise<Units> {
    await run();
    return unitsOf((await metered(aws.account, run)).billed);
  }

  beforeAll(async () => {
    await deployOnAccount(aws.account, "test", join(import.meta.dirname, "../fixtures/costs-app.ts"));
    actOn(aws.account);
    client = clientOf(aws.account);
  }, 60_000);
  afterAll(() => client?.close());

  it.each<[string, () => Promise<unknown>, Units]>([
    ["remote", () => fn("echo").remote(SMALL), { invoke: 1 }],
    ["spawn and get, small", () => spawned("echo", SMALL), { ...durable, invoke: 1 }],
    [
      "spawn and get, large",
      () => spawned("echo", LARGE),
      { ...durable, invoke: 1, read: durable.read! + large.reads, put: large.s3Puts, get: large.s3Gets },
    ],
    ["spawn and get, by a queue", () => spawned("fed", SMALL), fed],
    ["spawn and get, by a FIFO queue", () => spawned("alone", SMALL), fed],
  ])("is what AWS counts of a call: %s", async (_what, run, planned) => {
    const counted = await units(run);
    expect(counted).toEqual(about(planned));
  });

  it.each([
    ["of a small value", "x".repeat(800), DICT_UNITS.small],
    ["of a large value", LARGE, DICT_UNITS.large],
  ])("is what AWS counts of an operation on a Dict, %s", async (_what, value, planned) => {
    const dict = Dict.fromName<string, string>("costs", { createIfMissing: true, client });
    const put = async () => unitsOf((await metered(aws.account, () => dict.put("a key", value))).billed);
    const get = async () => unitsOf((await metered(aws.account, () => dict.get("a key"))).billed);
    // The first use of a second may look whether the Dict is still there.
    await dict.clear();
    expect(await put()).toEqual(about(named(planned.put)));
    await dict.len();
    expect(await get()).toEqual(about(named(planned.get)));
  });

  it("is what AWS counts of the operations that docs/costs.md has", async () => {
    const dict = Dict.fromName<string, string>("pages", { createIfMissing: true, client });
    for (const [size, bytes] of PAGE_SIZES) {
      const value = "x".repeat(bytes - 2);
      const run: Readonly<Record<string, () => Promise<unknown>>> = {
        "put, new": () => dict.put(`page-${bytes}`, value),
        "put, replacing": () => dict.put(`page-${bytes}`, value),
        get: () => dict.get(`page-${bytes}`),
        contains: () => dict.contains(`page-${bytes}`),
        pop: () => dict.pop(`page-${bytes}`),
      };
      for (const [name, operation] of Object.entries(run)) {
        await dict.len();
        const counted = unitsOf((await metered(aws.account, operation)).billed);
        const planned = cellOf(PAIRS, size, name);
        const looked = { ...planned, read: (planned.read ?? 0) + 1 };
        // Once a second a read more looks whether the Dict is still there.
        const expected = counted.read === looked.read ? looked : planned;
        expect([size, name, counted]).toEqual([size, name, about(expected)]);
      }
      await dict.update(Array.from({ length: 20 }, (_, i) => [`page-${i}`, value]));
      const counted = unitsOf((await metered(aws.account, () => dict.len())).billed);
      const { read = 0 } = cellOf(MANY, size, "len");
      // The page says it of a thousand, and a query rounds up; one read more may look whether the Dict is still there.
      const planned = Math.ceil((read * 20) / 1_000);
      expect([planned, planned + 1], `len of ${size}`).toContain(counted.read);
      await dict.clear();
    }
  });

  it("is what AWS counts of a sweep that finds nothing", async (context) => {
    skipWithGap(context, aws.account, "meter-units");
    const { rootCredentials } = aws.account;
    const functions = ["echo", "fed", "alone"];
    const swept = (fn: string) =>
      whole(() => invoke(aws.account, dispatcherName("test", "costs"), { sweep: [fn] }, rootCredentials), messages);
    // One after the other: messages that lie in a queue together are taken by one request, which costs less than is reckoned.
    const run = async (): Promise<void> => {
      for (const fn of functions) await swept(fn);
    };
    const asked = functions.length;
    const planned = { invoke: asked, read: asked * sweep.reads, queue: asked * sweep.queueRequests };
    expect(await units(run)).toEqual(about(planned));
  });
});

// --- Internal helpers ---

interface DictUnits {
  readonly writes?: number;
  readonly reads?: number;
  readonly s3Puts?: number;
  readonly s3Gets?: number;
}

function named({ writes: write, reads: read, s3Puts: put, s3Gets: get }: DictUnits): Units {
  return Object.fromEntries(Object.entries({ write, read, put, get }).filter(([, value]) => value !== undefined));
}

/** What a cell of a table of docs/costs.md says: `1 r + 6 w ($4.00)`. Deletions in S3 are free. */
function cellOf(table: string, row: string, column: string): Units {
  const page = readFileSync(join(import.meta.dirname, "../../docs/costs.md"), "utf8");
  const lines = page
    .slice(page.indexOf(`<!-- table: ${table} -->`))
    .split("\n")
    .slice(1);
  const cells = (line: string): string[] => line.split("|").map((cell) => cell.trim());
  const line = lines.find((each) => each.startsWith(`| ${row} |`))!;
  const cell = cells(line)[cells(lines[0]!).indexOf(column)]!;
  const names = { w: "write", r: "read", PUT: "put", GET: "get" } as const;
  return Object.fromEntries([...cell.matchAll(/([\d.]+) (w|r|PUT|GET)\b/g)].map(([, count, unit]) => [names[unit as "w"], Number(count)]));
}

/** Within a tenth. */
function about(units: Units): Record<string, unknown> {
  // `closeTo` takes decimal places, and allows half of the last one.
  const tenth = (value: number): unknown => expect.closeTo(value, -Math.log10(2 * 0.1 * value));
  return Object.fromEntries(Object.entries(units).map(([name, value]) => [name, tenth(value)]));
}
