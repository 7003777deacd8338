import fc from "fast-check";
import { runInNewContext } from "node:vm";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { InvalidError, RequestSizeError, SerializationError } from "../../src/model/errors.ts";
import { decode, encode, registerHandle } from "../../src/wire/codec.ts";
import { encodeKey, keyHash, keyOfText, keyText } from "../../src/wire/key.ts";
import { anyTree, viewBytes } from "./values.ts";

const textOf = (key: unknown): string => keyText(encodeKey(key));
const same = (a: unknown, b: unknown): boolean => textOf(a) === textOf(b);

/** A copy in which objects, Maps and Sets list what they hold in another order, and nothing is shared. */
function shuffled(value: unknown, seed: number): unknown {
  const order = <T>(items: T[]): T[] =>
    items
      .map((item, i) => [(i * 7919 + seed) % 101, item] as const)
      .toSorted(([a], [b]) => a - b)
      .map(([, item]) => item);
  if (Array.isArray(value)) {
    const copy = new Array<unknown>(value.length);
    for (const i of Object.keys(value)) copy[Number(i)] = shuffled(value[Number(i)], seed);
    return copy;
  }
  if (value instanceof Map) return new Map(order([...value]).map(([k, v]) => [shuffled(k, seed), shuffled(v, seed)]));
  if (value instanceof Set) return new Set(order([...value]).map((item) => shuffled(item, seed)));
  if (typeof value !== "object" || value === null || ![Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null))
    return value;
  return Object.fromEntries(order(Object.entries(value)).map(([k, v]) => [k, shuffled(v, seed)]));
}

/** Whether two keys are the same by the words of the documentation, decided without the encoder. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b || (Number.isNaN(a) && Number.isNaN(b))) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return (
      Array.isArray(b) &&
      a.length === b.length &&
      isDeepStrictEqual(Object.keys(a), Object.keys(b)) &&
      a.every((item, i) => equal(item, b[i]))
    );
  }
  if (Array.isArray(b)) return false;
  if (a instanceof Map || a instanceof Set) {
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
    const left = [...(b as Map<unknown, unknown> | Set<unknown>)];
    return (
      a.size === left.length &&
      [...a].every((item) => {
        const index = left.findIndex((other) => equal(item, other));
        if (index >= 0) left.splice(index, 1);
        return index >= 0;
      })
    );
  }
  if (ArrayBuffer.isView(a) || a instanceof ArrayBuffer) {
    const bytes = (value: object): Buffer => viewBytes(ArrayBuffer.isView(value) ? value : new Uint8Array(value as ArrayBuffer));
    return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && bytes(a).equals(bytes(b));
  }
  if (a instanceof Date) return b instanceof Date && Object.is(a.getTime(), b.getTime());
  const plain = (value: object): boolean => [Object.prototype, null].includes(Object.getPrototypeOf(value) as object | null);
  if (!plain(a) || !plain(b)) return Object.getPrototypeOf(a) === Object.getPrototypeOf(b) && String(a as URL) === String(b as URL);
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && equal((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]))
  );
}

describe("a key in its canonical form", () => {
  test("does not depend on the order of properties, entries and members, nor on what is shared", () => {
    fc.assert(
      fc.property(anyTree, fc.nat(100), (make, seed) => {
        expect(textOf(shuffled(make(), seed))).toBe(textOf(make()));
      }),
      { numRuns: 500 },
    );
  });

  test("is that of another value exactly when both hold the same", () => {
    // Of two values made apart few are equal; so one is made from the other, with a leaf changed or nothing.
    fc.assert(
      fc.property(anyTree, anyTree, fc.nat(100), fc.boolean(), (make, other, seed, apart) => {
        const a = make();
        const b = apart ? other() : changed(make(), other(), seed);
        expect(same(a, b)).toBe(equal(a, b));
      }),
      { numRuns: 1_000 },
    );
  });

  test("decodes to an equal value, whose canonical form is the same", () => {
    fc.assert(
      fc.property(anyTree, (make) => {
        const encoded = encodeKey(make());
        const back = decode(encoded);
        expect(equal(back, make())).toBe(true);
        expect(encodeKey(back)).toEqual(encoded);
        expect(decode(keyOfText(keyText(encoded)))).toEqual(back);
        expect(encoded.parts).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["properties in another order", { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    ["-0 and 0", -0, 0],
    ["-0 and 0 inside", [{ at: -0 }], [{ at: 0 }]],
    ["NaN and NaN", Number.NaN, 0 / 0],
    ["equal Dates", new Date(5), new Date(5)],
    ["invalid Dates", new Date(Number.NaN), new Date("nonsense")],
    [
      "Maps in another order",
      new Map([
        ["a", 1],
        ["b", 2],
      ]),
      new Map([
        ["b", 2],
        ["a", 1],
      ]),
    ],
    [
      "Maps whose keys are objects",
      new Map([
        [{ x: 1, y: 2 }, 1],
        [{ z: 1 }, 2],
      ]),
      new Map([
        [{ z: 1 }, 2],
        [{ y: 2, x: 1 }, 1],
      ]),
    ],
    ["Sets in another order", new Set([1, "1", 1n]), new Set([1n, "1", 1])],
    ["an object with and without a prototype", Object.assign(Object.create(null) as object, { a: 1 }), { a: 1 }],
    ["an object of another realm", runInNewContext("({ b: [1], a: new Map([[1, 2]]) })"), { a: new Map([[1, 2]]), b: [1] }],
    ["a typed array and the same bytes inside a larger memory", new Uint8Array([1, 2]), new Uint8Array([0, 1, 2]).subarray(1)],
    ["RegExps wherever the last search ended", Object.assign(/a/g, { lastIndex: 3 }), /a/g],
    ["undefined and undefined", undefined, undefined],
  ])("is one for %s", (_, a, b) => {
    expect(textOf(a)).toBe(textOf(b));
  });

  test("is one for a part that is there twice and for two equal parts", () => {
    const part = { x: [1], at: new Date(1), bytes: new Uint8Array([1]) };
    const twin = { x: [1], at: new Date(1), bytes: new Uint8Array([1]) };
    expect(textOf([part, part])).toBe(textOf([part, twin]));
  });

  test.each([
    ["1 and 1n", 1, 1n],
    ["1 and the text 1", 1, "1"],
    ["null and undefined", null, undefined],
    ["the number -1 and undefined", -1, undefined],
    ["a property that is undefined and one that is missing", { a: undefined }, {}],
    ["a hole and undefined", new Array(1), [undefined]],
    ["arrays in another order", [1, 2], [2, 1]],
    ["a Date and its text", new Date(0), "1970-01-01T00:00:00.000Z"],
    ["a Buffer and a Uint8Array", Buffer.from([1]), new Uint8Array([1])],
    ["typed arrays of other classes", new Uint8Array([1]), new Int8Array([1])],
    ["a Set and an array", new Set([1]), [1]],
    ["a Map and an object", new Map([["a", 1]]), { a: 1 }],
    ["a Set of one and of two equal objects", new Set([{}]), new Set([{}, {}])],
    ["flags", /a/g, /a/i],
  ])("differs for %s", (_, a, b) => {
    expect(textOf(a)).not.toBe(textOf(b));
  });

  test("of a handle is what it names", () => {
    const named = (name: string) => ({ brand: "test-handle", name });
    registerHandle("test-handle", {
      is: (value) => typeof value === "object" && value !== null && (value as { brand?: string }).brand === "test-handle",
      toData: (value) => (value as { name: string }).name,
      fromData: (data) => named(data as string),
    });
    const one = named("a");
    expect(textOf({ x: one, y: one })).toBe(textOf({ y: named("a"), x: named("a") }));
    expect(textOf(one)).not.toBe(textOf(named("b")));
  });

  test("of plain JSON is JSON, so that other languages can make it", () => {
    expect(encodeKey({ b: [1, "x"], a: null })).toEqual({ codec: "json", text: '{"a":null,"b":[1,"x"]}', parts: [] });
    expect(keyHash("jx")).toMatch(/^[\w-]{43}$/);
  });
});

describe("what can't be a key", () => {
  const loop: Record<string, unknown> = { list: [1] };
  loop["list"] = [1, { back: loop }];

  test.each([
    ["a cycle", loop, "key.list[1].back can't be part of a key: it refers back to what it is in."],
    [
      "an error",
      { why: [new RangeError("x")] },
      "key.why[0] can't be part of a key: it is an error, and no two errors have the same stack.",
    ],
    ["a function", { f: () => 1 }, "key.f can't be sent: it is a function (f)."],
    ["a symbol", Symbol("s"), "key can't be sent: it is a symbol (Symbol(s))."],
    [
      "an accessor",
      Object.defineProperty({}, "a", { get: () => 1, enumerable: true }),
      "key.a can't be sent: it is an accessor (a getter or setter).",
    ],
  ])("%s is refused, with its path", (_, key, message) => {
    expect(() => encodeKey(key)).toThrow(expect.objectContaining({ message, name: "SerializationError" }) as SerializationError);
  });

  test("what nests too deep by one of its paths is refused", () => {
    let deep: unknown = 1;
    for (let i = 0; i < 900; i++) deep = [deep];
    let rest: unknown = deep;
    for (let i = 0; i < 900; i++) rest = [rest];
    // Seen first from near the root, where it is not too deep.
    expect(() => encodeKey([deep, rest])).toThrow(SerializationError);
  });

  test("a key above 256 KiB is refused, also one that only becomes so when what it shares is written out", () => {
    expect(textOf("x".repeat(256 * 1_024 - 2))).toHaveLength(256 * 1_024 + 1);
    expect(() => encodeKey("x".repeat(256 * 1_024 - 1))).toThrow(RequestSizeError);
    expect(() => encodeKey("€".repeat(100_000))).toThrow(RequestSizeError);
    let doubled: unknown = [1];
    for (let i = 0; i < 40; i++) doubled = [doubled, doubled];
    expect(() => encodeKey(doubled)).toThrow(RequestSizeError);
  });

  test("a value with bytes beside its text is no key", () => {
    expect(() => keyText(encode(new Uint8Array([1])))).toThrow(InvalidError);
  });
});

/** The value with something changed somewhere, or nothing. */
function changed(value: unknown, other: unknown, seed: number): unknown {
  if (Array.isArray(value) && value.length > 0) return value.with(seed % value.length, changed(value[seed % value.length], other, seed));
  if (value instanceof Map && value.size > 0)
    return new Map([...value].map(([k, v], i) => [k, i === seed % value.size ? changed(v, other, seed) : v]));
  if (seed % 3 === 0) return shuffled(value, seed);
  return seed % 3 === 1 ? other : value;
}
