import { afterAll, beforeAll, expect, test } from "vitest";
import { EPHEMERAL_LIFE_MS, type ObjectRef } from "../../../src/ports/named-objects.ts";
import { sweep, type SweepReport } from "../../../src/runtime/lambda/sweeper.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";
import { describeAws, emulatedAws } from "../../helpers/emulator.ts";
import { openTestAwsDict, type TestAwsDict } from "./aws-dict.ts";

const aws = await emulatedAws({ iam: false });
const DAY_MS = 24 * 60 * 60 * 1_000;
const large = encode(Buffer.alloc(100_000, "x"));
const key = encodeKey("a");
let opened: TestAwsDict;

beforeAll(async () => {
  if (!aws.missing) opened = await openTestAwsDict(aws.account);
});
afterAll(() => opened?.close());

function run(hasTime = (): boolean => true, listed?: (page: readonly unknown[]) => void): Promise<SweepReport> {
  const { table, clients, bucket, objects, dict, nowMs } = opened;
  return sweep(
    {
      table,
      dict,
      nowMs,
      bucket: {
        remove: objects.remove,
        async *list(prefix, after) {
          for await (const page of clients.s3.list(bucket, prefix, after)) {
            listed?.(page);
            // One by one, so that a sweep can stop between any two.
            for (const object of page) yield [object];
          }
        },
      },
    },
    hasTime,
  );
}

const objectsOf = async ({ id }: ObjectRef): Promise<readonly string[]> =>
  (await opened.objectKeys()).filter((object) => object.includes(id));

describeAws(aws)("the sweeper of an environment", () => {
  test("removes values in S3 to which no pair points, a day after they were written, and no others", async () => {
    const { dict, objects } = opened;
    const ref = await dict.create("orphans");
    await dict.put(ref, key, large);
    await dict.put(ref, encodeKey("expired"), large);
    const [used] = await objectsOf(ref);
    const [, , , hash] = used!.split("/");
    const orphans = [
      `dict/orphans/${ref.id}/${hash}/other-version`,
      `dict/orphans/${ref.id}/nobody/version`,
      "dict/gone/di-0/hash/version",
    ];
    const foreign = ["dict/not-a-value", "volume/x/y/z/v"];
    for (const object of [...orphans, ...foreign]) await objects.put(object, new Uint8Array(1));
    expect(await run()).toMatchObject({ orphans: 0, finished: true });
    expect((await opened.objectKeys()).length).toBe(7);
    opened.pass(DAY_MS + 1_000);
    expect(await run()).toMatchObject({ orphans: 3, finished: true });
    const left = await opened.objectKeys();
    expect(left).toHaveLength(4);
    expect(left).toEqual(expect.arrayContaining([used, ...foreign]));
    expect(await dict.get(ref, key)).toBeDefined();
    await objects.remove(foreign);
  });

  test("goes on where it ran out of time", async () => {
    const { objects, table } = opened;
    const orphans = Array.from({ length: 5 }, (_, i) => `dict/late/di-1/hash-${i}/v`);
    for (const object of orphans) await objects.put(object, new Uint8Array(1));
    opened.pass(DAY_MS + 60_000);
    let steps = 0;
    const reports = [await run(() => ++steps < 2), await run(() => ++steps < 4), await run()];
    expect(reports.map(({ finished }) => finished)).toEqual([false, false, true]);
    expect(reports.reduce((sum, report) => sum + report.orphans, 0)).toBe(5);
    expect((await opened.objectKeys()).filter((object) => object.includes("/late/"))).toEqual([]);
    // The next one begins at the beginning.
    expect(await table.get({ pk: "sweep#dict", sk: "objects" })).toBeUndefined();
  });

  test("removes ephemeral Dicts that nobody has used for a day", async () => {
    const { dict } = opened;
    const [used, dead] = [await dict.createEphemeral(), await dict.createEphemeral()];
    await dict.put(dead, key, large);
    opened.pass(EPHEMERAL_LIFE_MS - 60_000);
    await dict.heartbeat(used);
    opened.pass(120_000);
    expect(await run()).toMatchObject({ ephemeral: 1 });
    await expect(dict.info(dead)).rejects.toThrow("has been deleted");
    expect(await dict.info(used)).toEqual(used);
    expect(await objectsOf(dead)).toEqual([]);
    await dict.deleteEphemeral(used);
  });

  test("removes a day later what was written into a Dict while it was deleted, and its note", async () => {
    const { dict, table } = opened;
    const ref = await dict.create("deleted");
    await dict.put(ref, key, large);
    const { rows } = await table.page(`dict#deleted#${ref.id}`, { prefix: "k#" });
    await dict.delete("deleted");
    // Written by one who had not heard of it: a pair, and the row of a value.
    await table.replace({ ...rows[0]!, at: undefined, value: "j1" });
    await table.replace({ pk: rows[0]!.pk, sk: "v#hash#version", value: "j1" });
    const next = await dict.create("deleted");
    await dict.put(next, key, large);
    expect((await run()).deleted).toBe(0);
    expect(await opened.rows(`dict#deleted#${ref.id}`)).toHaveLength(3);
    opened.pass(DAY_MS + 1_000);
    expect((await run()).deleted).toBeGreaterThan(0);
    expect(await opened.rows(`dict#deleted#${ref.id}`)).toEqual([]);
    expect(await dict.get(next, key)).toBeDefined();
    expect((await run()).deleted).toBe(0);
  });
});
