import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DICT_EXPIRY_MS, DICT_TOUCH_MS } from "../../../src/adapters/dict/limits.ts";
import { EPHEMERAL_LIFE_MS, type ObjectInfo, type ObjectRef } from "../../../src/ports/named-objects.ts";
import { decode, encode } from "../../../src/wire/codec.ts";
import { encodeKey } from "../../../src/wire/key.ts";
import { startProgram } from "../../local/program.ts";
import { openTestDict, type TestDict } from "./local-dict.ts";
import { compareWithMap } from "./model.ts";
import { rounds } from "../../helpers/rounds.ts";

let opened: TestDict;
let ref: ObjectInfo;
const a = encodeKey("a");
const one = encode(1);

beforeEach(async () => {
  opened = await openTestDict();
  ref = await opened.dict.create("seen");
});
afterEach(() => opened.close());

/** The rows of a Dict's pairs and of their values, as they lie on disk. */
const rowsOf = ({ id }: ObjectRef): readonly string[] =>
  [`${id}#`, `v${id}#`].flatMap((prefix) => opened.state.rows.range(prefix).map(({ key }) => key));
const bytesOf = (key: string): string => Buffer.from(opened.state.rows.get<Uint8Array>(key)!).toString("hex");

async function all<T>(pages: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const page of pages) found.push(...page);
  return found;
}

/** Until what nobody waits for has been done. */
async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; !isSo() && tries < 200; tries++) await pause(10);
  expect(isSo()).toBe(true);
}

describe("a pair expires", () => {
  const large = encode("x".repeat(100_000));

  test("7 days after it was written, for everyone who looks", async () => {
    const { dict } = opened;
    await dict.put(ref, a, one);
    await dict.put(ref, encodeKey("large"), large);
    opened.pass(DICT_EXPIRY_MS - 1_000);
    expect(await dict.contains(ref, a)).toBe(true);
    expect(await dict.len(ref)).toBe(2);
    opened.pass(1_001);
    expect(await dict.get(ref, a)).toBeUndefined();
    expect(await dict.get(ref, encodeKey("large"))).toBeUndefined();
    expect(await dict.contains(ref, a)).toBe(false);
    expect(await dict.len(ref)).toBe(0);
    expect(await all(dict.keys(ref))).toEqual([]);
    expect(await all(dict.entries(ref))).toEqual([]);
    expect(await dict.pop(ref, a)).toBeUndefined();
    expect(await dict.put(ref, a, encode(2), { skipIfExists: true })).toBe(true);
    expect(await dict.get(ref, a)).toEqual(encode(2));
  });

  test("7 days after it was read, by get or by entries", async () => {
    const { dict } = opened;
    for (const read of [() => dict.get(ref, a), () => all(dict.entries(ref))]) {
      await dict.put(ref, a, one);
      await dict.put(ref, encodeKey("large"), large);
      const before = bytesOf(`${ref.id}#j"a"`);
      opened.pass(DICT_EXPIRY_MS - 1_000);
      await read();
      await until(() => bytesOf(`${ref.id}#j"a"`) !== before);
      opened.pass(DICT_EXPIRY_MS - 1_000);
      expect(await dict.get(ref, a)).toEqual(one);
    }
  });

  test("and is touched at most once a day", async () => {
    const { dict } = opened;
    await dict.put(ref, a, one);
    const written = bytesOf(`${ref.id}#j"a"`);
    opened.pass(DICT_TOUCH_MS - 1_000);
    await dict.get(ref, a);
    await dict.close();
    expect(bytesOf(`${ref.id}#j"a"`)).toBe(written);
    opened.pass(1_001);
    await dict.get(ref, a);
    await until(() => bytesOf(`${ref.id}#j"a"`) !== written);
    const touched = bytesOf(`${ref.id}#j"a"`);
    await dict.get(ref, a);
    await dict.close();
    expect(bytesOf(`${ref.id}#j"a"`)).toBe(touched);
  });

  test("and neither contains nor keys nor a put that skips it prolongs its life", async () => {
    const { dict } = opened;
    await dict.put(ref, a, one);
    const written = bytesOf(`${ref.id}#j"a"`);
    opened.pass(DICT_EXPIRY_MS - 1_000);
    await dict.contains(ref, a);
    await all(dict.keys(ref));
    expect(await dict.put(ref, a, one, { skipIfExists: true })).toBe(false);
    await dict.close();
    expect(bytesOf(`${ref.id}#j"a"`)).toBe(written);
  });

  test("and is removed from disk by whoever opens the Dicts a day later", async () => {
    await opened.dict.put(ref, a, one);
    await opened.dict.put(ref, encodeKey("large"), large);
    expect(rowsOf(ref)).toHaveLength(3);
    opened.pass(DICT_EXPIRY_MS + 1);
    await opened.dict.put(ref, encodeKey("new"), one);
    await opened.another().open("seen");
    await until(() => rowsOf(ref).length === 1);
  });
});

describe("what nobody needs any more", () => {
  test("an ephemeral Dict goes when nobody has sent a heartbeat for a day", async () => {
    const [used, dead] = [await opened.dict.createEphemeral(), await opened.dict.createEphemeral()];
    await opened.dict.put(dead, a, one);
    opened.pass(EPHEMERAL_LIFE_MS - 1_000);
    await opened.dict.heartbeat(used);
    opened.pass(1_001);
    const next = opened.another();
    await next.open("seen");
    await until(() => rowsOf(dead).length === 0);
    await expect(next.info(dead)).rejects.toThrow("has been deleted");
    expect(await next.info(used)).toEqual(used);
  });

  test("a replaced, popped or cleared value leaves no row behind", async () => {
    const { dict } = opened;
    const large = encode(Buffer.alloc(50_000));
    await dict.put(ref, a, large);
    expect(rowsOf(ref)).toHaveLength(2);
    await dict.put(ref, a, one);
    expect(rowsOf(ref)).toHaveLength(1);
    await dict.put(ref, a, large);
    await dict.pop(ref, a);
    expect(rowsOf(ref)).toEqual([]);
    await dict.put(ref, a, large);
    await dict.clear(ref);
    expect(rowsOf(ref)).toEqual([]);
    await dict.put(ref, a, large);
    await dict.delete("seen");
    expect(rowsOf(ref)).toEqual([]);
  });
});

test("3,000 random operations do what they do on a Map", () => compareWithMap(opened.dict, 30));

test("a program that polls lets its own timers have their turn", async () => {
  const { dict } = opened;
  setTimeout(() => void dict.put(ref, a, one), 20);
  while (!(await dict.contains(ref, a)));
  expect(await dict.get(ref, a)).toEqual(one);
});

test("len counts to 100,000", async () => {
  const { dict } = opened;
  for (let from = 0; from < 100_500; from += 10_000)
    await dict.update(
      ref,
      Array.from({ length: Math.min(10_000, 100_500 - from) }, (_, i) => ({ key: encodeKey(from + i), value: one })),
    );
  expect(await dict.len(ref)).toBe(100_000);
});

describe("several processes", () => {
  test("never hold one lock at the same time: 8 of them, 25 times each", async () => {
    const lockers = await Promise.all(Array.from({ length: 8 }, () => startProgram("dict-locker.ts", [opened.stateDir, "25"])));
    try {
      await Promise.all(lockers.map((locker) => locker.message("ready")));
      for (const locker of lockers) locker.send("go");
      const done = await Promise.all(lockers.map((locker) => locker.message<{ clashes: number }>("done")));
      expect(done.map(({ clashes }) => clashes)).toEqual(Array.from({ length: 8 }, () => 0));
    } finally {
      await Promise.all(lockers.map((locker) => locker.kill()));
    }
  });

  test("leave whole pairs whenever they are killed", async () => {
    const { dict } = opened;
    const pairs = await dict.create("pairs");
    const checkAll = async (): Promise<number> => {
      const entries = await all(dict.entries(pairs));
      for (const { value } of entries) {
        const [size, bytes] = decode(value) as [number, Buffer];
        expect(bytes.byteLength).toBe(size);
        expect(bytes.equals(Buffer.alloc(size, size % 251))).toBe(true);
      }
      return entries.length;
    };
    for (let seed = 1; seed <= rounds(10, 30); seed++) {
      const writer = await startProgram("dict-writer.ts", [opened.stateDir, String(seed)]);
      await writer.message("writing");
      const killed = pause((seed * 37) % 120).then(() => writer.kill());
      await checkAll();
      await killed;
      const count = await checkAll();
      expect(await dict.len(pairs)).toBe(count);
      expect(await all(dict.keys(pairs))).toHaveLength(count);
      // Every large value belongs to a pair: none was left without its key.
      const large = opened.state.rows.range(`v${pairs.id}#`).map(({ key }) => key.slice(1));
      expect(large.filter((row) => opened.state.rows.get(row) === undefined)).toEqual([]);
    }
    // The next one that opens the Dicts finishes each deletion that was cut short.
    const next = opened.another();
    await next.delete("short-lived", { allowMissing: true });
    await until(() => opened.state.rows.range("gone#").length === 0);
    const ids = new Set(opened.state.rows.range("di-").map(({ key }) => key.slice(0, key.indexOf("#"))));
    expect([...ids]).toEqual([pairs.id]);
  });
});
