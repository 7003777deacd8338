import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect } from "vitest";
import type { EncodedValue } from "../../../src/model/encoded.ts";
import type { DictPort } from "../../../src/ports/dict.ts";
import type { ObjectRef } from "../../../src/ports/named-objects.ts";
import { encode } from "../../../src/wire/codec.ts";
import { encodeKey, keyText } from "../../../src/wire/key.ts";

/** Few keys, so that operations meet; some are written in two ways. */
const keys: readonly (() => unknown)[] = [
  () => "a",
  () => 0,
  () => -0,
  () => ({ x: 1, y: [2] }),
  () => ({ y: [2], x: 1 }),
  () => new Set(["m", "n"]),
  () => new Set(["n", "m"]),
  () => new Date(5),
  () => Buffer.from("k"),
  () => undefined,
  () => "long".repeat(500),
];
const key = fc.constantFrom(...keys);

/** Values of each size at which a backend keeps them in another place. */
const value = fc
  .tuple(fc.constantFrom(0, 10, 900, 3_000, 3_200, 5_000, 16_000, 17_000, 400_000), fc.nat(250), fc.boolean())
  .map(([size, byte, isText]) => (isText ? String.fromCodePoint(97 + (byte % 26)).repeat(size) : Buffer.alloc(size, byte)));

type Operation =
  | { readonly do: "get" | "pop" | "contains"; readonly key: () => unknown }
  | { readonly do: "put"; readonly key: () => unknown; readonly value: unknown; readonly skip: boolean }
  | { readonly do: "update"; readonly pairs: readonly (readonly [() => unknown, unknown])[] }
  | { readonly do: "len" | "keys" | "entries" | "clear" };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("put"), key, value, skip: fc.boolean() }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("get", "pop", "contains"), key }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("update"), pairs: fc.array(fc.tuple(key, value), { maxLength: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("len", "keys", "entries") }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("clear") }) },
) as fc.Arbitrary<Operation>;

/** Does the same random operations on Dicts and on Maps, `runs` times 100, and compares every answer. */
export async function compareWithMap(dict: DictPort, runs: number, seed = 9): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 100, maxLength: 100 }), async (operations) => {
      const ref = await dict.createEphemeral();
      const model = new Map<string, string>();
      for (const each of operations) await step(dict, ref, model, each);
      await dict.deleteEphemeral(ref);
    }),
    { numRuns: runs, seed },
  );
}

async function step(dict: DictPort, ref: ObjectRef, model: Map<string, string>, operation: Operation): Promise<void> {
  switch (operation.do) {
    case "get":
    case "pop":
    case "contains": {
      const encoded = encodeKey(operation.key());
      const text = keyText(encoded);
      if (operation.do === "contains") return expect(await dict.contains(ref, encoded)).toBe(model.has(text));
      const found = await dict[operation.do](ref, encoded);
      expect(found && printOf(found)).toBe(model.get(text));
      if (operation.do === "pop") model.delete(text);
      return;
    }
    case "put": {
      const encoded = encodeKey(operation.key());
      const wrote = await dict.put(ref, encoded, encode(operation.value), { skipIfExists: operation.skip });
      expect(wrote).toBe(!(operation.skip && model.has(keyText(encoded))));
      if (wrote) model.set(keyText(encoded), printOf(encode(operation.value)));
      return;
    }
    case "update": {
      await dict.update(
        ref,
        operation.pairs.map(([k, v]) => ({ key: encodeKey(k()), value: encode(v) })),
      );
      for (const [k, v] of operation.pairs) model.set(keyText(encodeKey(k())), printOf(encode(v)));
      return;
    }
    case "len":
      return expect(await dict.len(ref)).toBe(model.size);
    case "keys":
      return expect((await pages(dict.keys(ref))).map(keyText).toSorted()).toEqual([...model.keys()].toSorted());
    case "entries": {
      const entries = (await pages(dict.entries(ref))).map((entry) => [keyText(entry.key), printOf(entry.value)] as const);
      return expect(new Map(entries)).toEqual(model);
    }
    case "clear":
      await dict.clear(ref);
      model.clear();
  }
}

/** What tells one value from another, for values too large to be compared by a test runner. */
function printOf({ codec, text, parts }: EncodedValue): string {
  const hash = createHash("sha256").update(`${codec}${text}\0`);
  for (const part of parts) hash.update(part);
  return `${text.length} characters, ${parts.map((part) => part.byteLength).join("+")} bytes: ${hash.digest("hex")}`;
}

async function pages<T>(found: AsyncIterable<readonly T[]>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const page of found) all.push(...page);
  return all;
}
