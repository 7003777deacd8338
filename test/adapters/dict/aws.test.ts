import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import type { DataTable } from "../../../src/adapters/aws/data-table.ts";
import type { RowKey } from "../../../src/adapters/aws/table-row.ts";
import { createAwsDict } from "../../../src/adapters/dict/aws.ts";
import { valueBytes } from "../../../src/adapters/dict/errors.ts";
import { DICT_EXPIRY_MS, DICT_TOUCH_MS } from "../../../src/adapters/dict/limits.ts";
import type { ObjectInfo, ObjectRef } from "../../../src/ports/named-objects.ts";
import { decode, encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";
import { describeAws, emulatedAws } from "../../helpers/emulator.ts";
import { openTestAwsDict, type TestAwsDict } from "./aws-dict.ts";
import { compareWithMap } from "./model.ts";
import { rounds } from "../../helpers/rounds.ts";

const aws = await emulatedAws({ iam: false });
let opened: TestAwsDict;
let ref: ObjectInfo;
let made = 0;
const a = encodeKey("a");
const one = encode(1);
/** Values of the three sizes: in the pair's row, in a row of its own, in S3. */
const sizes = { inline: encode("x".repeat(100)), row: encode("y".repeat(10_000)), object: encode(Buffer.alloc(200_000, "z")) };

beforeAll(async () => {
  if (!aws.missing) opened = await openTestAwsDict(aws.account);
});
afterAll(() => opened?.close());
beforeEach(async () => {
  if (!aws.missing) ref = await opened.dict.create(`dict-${++made}`);
});

const rowsOf = ({ name, id }: ObjectRef): Promise<readonly string[]> => opened.rows(`dict#${name}#${id}`);
const objectsOf = async ({ name, id }: ObjectRef): Promise<readonly string[]> =>
  (await opened.objectKeys()).filter((key) => key.startsWith(`dict/${name}/${id}/`));
const expiryOf = async (): Promise<number> => {
  const { rows } = await opened.table.page(`dict#${ref.name}#${ref.id}`, { prefix: "k#" });
  return Number(rows[0]?.["expiresAt"]);
};

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

describeAws(aws)("a value on AWS", () => {
  test("lies in its pair's row, in a row of its own or in S3, by its size; what it replaces is removed", async () => {
    const { dict } = opened;
    await dict.put(ref, a, sizes.inline);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([1, 0]);
    await dict.put(ref, a, sizes.row);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([2, 0]);
    await dict.put(ref, a, sizes.row);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([2, 0]);
    await dict.put(ref, a, sizes.object);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([1, 1]);
    await dict.update(ref, [{ key: a, value: sizes.row }]);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([2, 0]);
    await dict.update(ref, [{ key: a, value: sizes.inline }]);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([1, 0]);
  });

  test.each(["pop", "clear", "delete"] as const)("is gone with its pair after %s", async (how) => {
    const { dict } = opened;
    const entries = Object.values(sizes).map((value, i) => ({ key: encodeKey(i), value }));
    await dict.update(ref, entries);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([4, 1]);
    if (how === "pop") for (const { key, value } of entries) expect(decode((await dict.pop(ref, key))!)).toEqual(decode(value));
    else if (how === "clear") await dict.clear(ref);
    else await dict.delete(ref.name);
    // A deleted Dict leaves a note for the sweeper.
    expect(await rowsOf(ref)).toEqual(how === "delete" ? ["deleted"] : []);
    expect(await objectsOf(ref)).toEqual([]);
  });

  test("that was put with skipIfExists and not taken leaves nothing behind", async () => {
    for (const value of Object.values(sizes)) {
      await opened.dict.put(ref, a, one);
      const tries = await Promise.all(Array.from({ length: 5 }, () => opened.dict.put(ref, a, value, { skipIfExists: true })));
      expect(tries).toEqual([false, false, false, false, false]);
    }
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([1, 0]);
  });
});

describeAws(aws)("a pair on AWS expires", () => {
  test("7 days after it was written, for everyone who looks, whether or not DynamoDB has removed it", async () => {
    const { dict } = opened;
    await dict.update(
      ref,
      Object.values(sizes).map((value, i) => ({ key: encodeKey(i), value })),
    );
    opened.pass(DICT_EXPIRY_MS - 5_000);
    expect(await dict.len(ref)).toBe(3);
    opened.pass(7_000);
    for (const key of [0, 1, 2]) expect(await dict.get(ref, encodeKey(key))).toBeUndefined();
    expect(await dict.contains(ref, encodeKey(0))).toBe(false);
    expect(await dict.len(ref)).toBe(0);
    expect(await all(dict.keys(ref))).toEqual([]);
    expect(await all(dict.entries(ref))).toEqual([]);
    expect(await dict.pop(ref, encodeKey(0))).toBeUndefined();
    for (const key of [0, 1, 2]) expect(await dict.put(ref, encodeKey(key), one, { skipIfExists: true })).toBe(true);
    expect([(await rowsOf(ref)).length, (await objectsOf(ref)).length]).toEqual([3, 0]);
  });

  test.each(Object.keys(sizes) as (keyof typeof sizes)[])("7 days after it was read, touched at most once a day (%s)", async (size) => {
    const { dict } = opened;
    await dict.put(ref, a, sizes[size]);
    const written = await expiryOf();
    opened.pass(DICT_TOUCH_MS - 5_000);
    await dict.get(ref, a);
    expect(await expiryOf()).toBe(written);
    opened.pass(7_000);
    await dict.contains(ref, a);
    await all(dict.keys(ref));
    expect(await expiryOf()).toBe(written);
    await dict.get(ref, a);
    expect(await expiryOf()).toBeGreaterThan(written);
    // Read every other day it lives on, and the row of its value with it.
    for (let day = 0; day < 40; day += 2) {
      opened.pass(2 * DICT_TOUCH_MS);
      const found = day % 4 === 0 ? await dict.get(ref, a) : (await all(dict.entries(ref)))[0]?.value;
      expect(found && valueBytes(found)).toBe(valueBytes(sizes[size]));
      const { rows } = await opened.table.page(`dict#${ref.name}#${ref.id}`, { prefix: "v#" });
      for (const row of rows) expect(Number(row["expiresAt"])).toBeGreaterThan(await expiryOf());
    }
  });
});

describeAws(aws)("many on AWS", () => {
  test("hundreds of random operations do what they do on a Map", () => compareWithMap(opened.dict, rounds(8, 30)), 300_000);

  test("one that has been deleted is not listed while the index still has it", async () => {
    const kept = await opened.dict.create("aws-listed");
    const keys = ["aws-listed", "aws-deleted"].map((name) => ({ pk: `dict#${name}#`, sk: "name" }));
    const table = {
      indexPage: async () => ({ keys, next: undefined }),
      getMany: (wanted: readonly RowKey[]) => opened.table.getMany(wanted),
    } as Partial<DataTable> as DataTable;
    const behind = createAwsDict({ environment: "dev", table, objects: opened.objects });
    expect(await behind.list()).toEqual([kept]);
  });

  test("another process learns within a second that a Dict has been deleted", async () => {
    const other = opened.another();
    await other.put(ref, a, one);
    await opened.dict.delete(ref.name);
    await new Promise((resolve) => setTimeout(resolve, 1_050));
    await expect(other.put(ref, encodeKey("b"), one)).rejects.toThrow("has been deleted");
    await expect(other.get(ref, a)).rejects.toThrow("has been deleted");
    expect(await rowsOf(ref)).toEqual(["deleted"]);
  });

  test("a value whose pair is replaced while it is read is read anew", async () => {
    const { dict } = opened;
    await dict.put(ref, a, sizes.object);
    const page = dict.entries(ref)[Symbol.asyncIterator]();
    // Its row is read, and the value it names goes before it is fetched.
    const { rows } = await opened.table.page(`dict#${ref.name}#${ref.id}`, { prefix: "k#" });
    await dict.put(ref, a, sizes.row);
    await opened.table.replace({ ...rows[0]!, expiresAt: Number(rows[0]!["expiresAt"]) });
    setTimeout(() => void dict.put(ref, a, one), 100);
    expect((await page.next()).value).toEqual([{ key: a, value: one }]);
  });
});
