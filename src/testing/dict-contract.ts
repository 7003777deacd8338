import assert from "node:assert/strict";
import { NotFoundError, RequestSizeError } from "../model/errors.ts";
import type { DictPort } from "../ports/dict.ts";
import type { ObjectRef } from "../ports/named-objects.ts";
import { decode, encode } from "../wire/codec.ts";
import { encodeKey } from "../wire/key.ts";
import { type Contract, type ContractParams, runContract } from "./contract.ts";
import { namedObjectsContract, newName } from "./named-objects-contract.ts";

/**
 * The contract of the dict port, for any backend.
 *
 * @example
 * import { describe, it } from "vitest";
 * import { createLocalContractBackend, testDict } from "tenon/testing";
 *
 * testDict({ describe, it, name: "local backend", create: createLocalContractBackend });
 */
export function testDict(params: ContractParams): void {
  runContract("dict", DICT_CONTRACT, params);
}

const DICT_CONTRACT: Contract = {
  ...namedObjectsContract("dict"),

  async "a deleted Dict refuses everything, and its name is free for another one"({ objects: { dict } }) {
    const ref = await filled(dict, { a: 1 });
    await dict.delete(ref.name);
    const refusals: Readonly<Record<string, () => Promise<unknown>>> = {
      get: () => dict.get(ref, encodeKey("a")),
      put: () => dict.put(ref, encodeKey("b"), encode(1)),
      putSkipping: () => dict.put(ref, encodeKey("b"), encode(1), { skipIfExists: true }),
      update: () => dict.update(ref, [{ key: encodeKey("c"), value: encode(1) }]),
      pop: () => dict.pop(ref, encodeKey("a")),
      contains: () => dict.contains(ref, encodeKey("a")),
      len: () => dict.len(ref),
      clear: () => dict.clear(ref),
      keys: () => pages(dict.keys(ref)),
      entries: () => pages(dict.entries(ref)),
      info: () => dict.info(ref),
      open: () => dict.open(ref.name),
    };
    for (const [operation, refused] of Object.entries(refusals)) await assert.rejects(refused, NotFoundError, operation);
    const next = await dict.create(ref.name);
    assert.notEqual(next.id, ref.id);
    assert.equal(await dict.len(next), 0);
    await assert.rejects(dict.get(ref, encodeKey("a")), NotFoundError);
  },

  async "an iteration over a Dict that is deleted meanwhile is refused instead of ending early"({ objects: { dict } }) {
    for (const over of ["keys", "entries"] as const) {
      const ref = await filled(dict, {});
      await dict.update(
        ref,
        Array.from({ length: 2_000 }, (_, i) => ({ key: encodeKey(i), value: encode(i) })),
      );
      const iteration = dict[over](ref)[Symbol.asyncIterator]();
      assert.equal((await iteration.next()).done, false);
      await dict.delete(ref.name);
      const rest = async (): Promise<void> => {
        while ((await iteration.next()).done !== true);
      };
      await assert.rejects(rest, NotFoundError, over);
    }
  },

  async "an ephemeral Dict holds pairs until it is deleted"({ objects: { dict } }) {
    const ref = await dict.createEphemeral();
    assert.equal(await put(dict, ref, "a", 1), true);
    assert.equal(await get(dict, ref, "a"), 1);
    await dict.deleteEphemeral(ref);
    await assert.rejects(get(dict, ref, "a"), NotFoundError);
  },

  async "a value is got as it was put"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    const values = [0, "", null, undefined, { at: new Date(5), list: [1n, new Set([1])] }, Buffer.from("bytes"), "€".repeat(700)];
    for (const [i, value] of values.entries()) await put(dict, ref, i, value);
    for (const [i, value] of values.entries()) assert.deepEqual(await get(dict, ref, i), value);
  },

  async "a missing key has no value; a stored undefined is one"({ objects: { dict } }) {
    const ref = await filled(dict, { there: undefined });
    assert.equal(await dict.get(ref, encodeKey("missing")), undefined);
    assert.deepEqual(await dict.get(ref, encodeKey("there")), encode(undefined));
  },

  async "a value is replaced, however large both are"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    for (const length of [10, 3_000, 200_000, 3_000_000, 200_000, 3_000, 10, 3_000_000, 10]) {
      await put(dict, ref, "key", Buffer.alloc(length, length % 251));
      const found = (await get(dict, ref, "key")) as Buffer;
      assert.ok(Buffer.alloc(length, length % 251).equals(found), `${length} bytes`);
    }
    assert.equal(await dict.len(ref), 1);
  },

  async "a value of 20 MiB survives; a pair above 100 MiB is refused"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    const large = Buffer.alloc(20 * 1024 * 1024, "tenon");
    await put(dict, ref, "large", large);
    assert.ok(large.equals((await get(dict, ref, "large")) as Buffer));
    await assert.rejects(put(dict, ref, "too large", Buffer.alloc(100 * 1024 * 1024)), RequestSizeError);
    assert.equal(await dict.contains(ref, encodeKey("too large")), false);
  },

  async "keys are the same when their canonical form is"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    await put(dict, ref, { a: 1, b: -0 }, "object");
    await put(dict, ref, Buffer.from([1]), "bytes");
    const long = "k".repeat(100_000);
    await put(dict, ref, long, "long");
    assert.equal(await get(dict, ref, { b: 0, a: 1 }), "object");
    assert.equal(await get(dict, ref, Buffer.from([1])), "bytes");
    assert.equal(await get(dict, ref, long), "long");
    assert.equal(await get(dict, ref, `${long}k`), undefined);
    assert.deepEqual(await keysOf(dict, ref), sorted([{ a: 1, b: 0 }, Buffer.from([1]), long]));
  },

  async "put says whether it wrote, and leaves what is there when told to skip it"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    assert.equal(await put(dict, ref, "lock", "mine", true), true);
    assert.equal(await put(dict, ref, "lock", "yours", true), false);
    assert.equal(await get(dict, ref, "lock"), "mine");
    assert.equal(await put(dict, ref, "lock", "yours"), true);
    assert.equal(await get(dict, ref, "lock"), "yours");
  },

  async "of many that put one key and skip, one writes"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    for (const length of [1, 100_000]) {
      const value = (i: number): Buffer => Buffer.alloc(length, i);
      const wrote = await Promise.all(Array.from({ length: 20 }, (_, i) => put(dict, ref, length, value(i), true)));
      assert.deepEqual(wrote.filter(Boolean), [true]);
      assert.deepEqual(await get(dict, ref, length), value(wrote.indexOf(true)));
    }
  },

  async "of many that pop one key, one gets the value"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    for (const value of ["small", "large".repeat(20_000)]) {
      await put(dict, ref, "key", value);
      const popped = await Promise.all(Array.from({ length: 20 }, () => dict.pop(ref, encodeKey("key"))));
      assert.deepEqual(popped.filter((found) => found !== undefined).map(decode), [value]);
      assert.equal(await dict.contains(ref, encodeKey("key")), false);
    }
  },

  async "nobody reads half of a pair that others replace"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    const lengths = [5, 2_000, 100_000, 400_000];
    const write = async (writer: number): Promise<void> => {
      for (const length of lengths) await put(dict, ref, "key", [length + writer, "x".repeat(length + writer)]);
    };
    await write(0);
    let writing = true;
    const read = async (): Promise<void> => {
      while (writing) {
        const [length, text] = (await get(dict, ref, "key")) as [number, string];
        assert.equal(text.length, length);
        for await (const page of dict.entries(ref))
          for (const { value } of page) assert.equal((decode(value) as [number, string]).length, 2);
      }
    };
    const readers = [read(), read()];
    await Promise.all([write(1), write(2), write(3)]).finally(() => (writing = false));
    await Promise.all(readers);
  },

  async "update writes many pairs, of two with one key the later"({ objects: { dict } }) {
    const ref = await filled(dict, { 7: "before", kept: true });
    const entries = Array.from({ length: 1_200 }, (_, i) => [String(i), i === 600 ? "x".repeat(100_000) : i] as const);
    await update(dict, ref, [["5", "earlier"], ...entries]);
    await update(dict, ref, []);
    assert.equal(await dict.len(ref), 1_201);
    const all = new Map(await entriesOf(dict, ref));
    assert.deepEqual(all, new Map<unknown, unknown>([...entries, ["kept", true]]));
  },

  async "update refuses more than 10,000 pairs and one above 100 MiB"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    const many = Array.from({ length: 10_001 }, (_, i) => [i, i] as const);
    await assert.rejects(update(dict, ref, many), RequestSizeError);
    await assert.rejects(
      update(dict, ref, [
        ["small", 1],
        ["large", Buffer.alloc(100 * 1024 * 1024)],
      ]),
      RequestSizeError,
    );
    assert.equal(await dict.len(ref), 0);
  },

  async "contains, len, keys, entries and clear tell and change what is there"({ objects: { dict } }) {
    const ref = await filled(dict, { a: 1, b: "y".repeat(100_000), c: undefined });
    assert.equal(await dict.contains(ref, encodeKey("b")), true);
    assert.equal(await dict.contains(ref, encodeKey("d")), false);
    assert.equal(await dict.len(ref), 3);
    assert.deepEqual(await keysOf(dict, ref), ["a", "b", "c"]);
    assert.deepEqual(
      new Map(await entriesOf(dict, ref)),
      new Map<unknown, unknown>([
        ["a", 1],
        ["b", "y".repeat(100_000)],
        ["c", undefined],
      ]),
    );
    assert.equal(decode((await dict.pop(ref, encodeKey("a"))) as never), 1);
    assert.equal(await dict.pop(ref, encodeKey("a")), undefined);
    assert.deepEqual(await keysOf(dict, ref), ["b", "c"]);
    await dict.clear(ref);
    assert.equal(await dict.len(ref), 0);
    assert.deepEqual(await keysOf(dict, ref), []);
    assert.equal(await dict.get(ref, encodeKey("b")), undefined);
    assert.equal(await put(dict, ref, "b", 2, true), true);
  },

  async "an iteration that is broken off leaves nothing behind, and goes over all when it is not"({ objects: { dict } }) {
    const ref = await filled(dict, {});
    await update(
      dict,
      ref,
      Array.from({ length: 3_000 }, (_, i) => [i, "v".repeat(300)] as const),
    );
    for await (const page of dict.keys(ref)) {
      assert.ok(page.length > 0);
      break;
    }
    for await (const page of dict.entries(ref)) {
      assert.ok(page.length > 0);
      break;
    }
    assert.equal((await keysOf(dict, ref)).length, 3_000);
    assert.equal((await entriesOf(dict, ref)).length, 3_000);
  },

  async "Dicts do not see each other's pairs"({ objects: { dict } }) {
    const name = newName();
    const one = await dict.create(name);
    const other = await dict.create(`${name}-2`);
    await put(dict, one, "a", 1);
    assert.equal(await dict.get(other, encodeKey("a")), undefined);
    await dict.clear(other);
    await dict.delete(other.name);
    assert.equal(await get(dict, one, "a"), 1);
  },
};

// --- Internal helpers ---

async function filled(dict: DictPort, pairs: Readonly<Record<string, unknown>>): Promise<ObjectRef> {
  const ref = await dict.create(newName());
  for (const [key, value] of Object.entries(pairs)) await put(dict, ref, key, value);
  return ref;
}

function put(dict: DictPort, ref: ObjectRef, key: unknown, value: unknown, skipIfExists = false): Promise<boolean> {
  return dict.put(ref, encodeKey(key), encode(value), { skipIfExists });
}

async function get(dict: DictPort, ref: ObjectRef, key: unknown): Promise<unknown> {
  const found = await dict.get(ref, encodeKey(key));
  return found === undefined ? undefined : decode(found);
}

function update(dict: DictPort, ref: ObjectRef, entries: readonly (readonly [unknown, unknown])[]): Promise<void> {
  return dict.update(
    ref,
    entries.map(([key, value]) => ({ key: encodeKey(key), value: encode(value) })),
  );
}

async function pages<T>(found: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of found) all.push(...page);
  return all;
}

async function keysOf(dict: DictPort, ref: ObjectRef): Promise<readonly unknown[]> {
  return sorted((await pages(dict.keys(ref))).map(decode));
}

async function entriesOf(dict: DictPort, ref: ObjectRef): Promise<readonly (readonly [unknown, unknown])[]> {
  return (await pages(dict.entries(ref))).map(({ key, value }) => [decode(key), decode(value)] as const);
}

function sorted(keys: readonly unknown[]): readonly unknown[] {
  return keys.toSorted((a, b) => (encodeKey(a).text < encodeKey(b).text ? -1 : 1));
}
