import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { EncodedValue } from "../../src/model/encoded.ts";
import { DeserializationError, VersionError } from "../../src/model/errors.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { decodeEnvelope, encodeEnvelope } from "../../src/wire/envelope.ts";
import { decodeResult } from "../../src/wire/result.ts";
import { anyValue } from "./values.ts";

const MIB = 1024 * 1024;
const rich = (flat: unknown, parts: readonly Uint8Array[] = []): EncodedValue => ({
  codec: "devalue",
  text: typeof flat === "string" ? flat : JSON.stringify(flat),
  parts,
});

/** What a received text does: gives something, or is refused as it should be. */
function outcome(read: () => unknown): "read" | "refused" {
  try {
    read();
    return "read";
  } catch (error) {
    if (error instanceof DeserializationError || error instanceof VersionError) return "refused";
    throw error;
  }
}

const untouched = Object.getOwnPropertyNames(Object.prototype).sort().join();
afterEach(() => {
  expect(Object.getOwnPropertyNames(Object.prototype).sort().join()).toBe(untouched);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
});

describe("received text", () => {
  test("of any content is read or refused, in every reader", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.json(),
      fc.constantFrom(
        '{"args":[',
        ',"args":',
        '"argsLength":3',
        '["Bytes",1]',
        '["Error",1]',
        "-1",
        "[[1],",
        '{"__proto__":{"polluted":1}}',
        '{"status":"succeeded","value":',
        '{"status":"failed","error":{',
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 5 }), (pieces) => {
        const text = pieces.join("");
        for (const codec of ["json", "devalue"] as const) outcome(() => decode({ codec, text, parts: [new Uint8Array(8)] }));
        outcome(() => decode(decodeEnvelope(text, []).args));
        outcome(() => decodeResult(text, []));
      }),
      { numRuns: 5_000 },
    );
  });

  test("of any shape of flat list is read or refused", () => {
    const index = fc.oneof(fc.integer({ min: -10, max: 12 }), fc.constantFrom<unknown>(0.5, 1e9, "0", null, "length", [0]));
    const tag = fc.constantFrom(
      "Bytes",
      "Inline",
      "Error",
      "Handle",
      "Object",
      "Map",
      "Set",
      "Date",
      "RegExp",
      "BigInt",
      "URL",
      "null",
      "ArrayBuffer",
      "Uint8Array",
      "Nope",
      "constructor",
      "__proto__",
    );
    const entry = fc.oneof(
      fc.array(index, { maxLength: 5 }),
      fc.tuple(tag, fc.array(fc.oneof(index, fc.string()), { maxLength: 4 })).map(([type, rest]) => [type, ...rest]),
      fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("constructor", "prototype", "toString")), index, { maxKeys: 3 }),
      fc.constantFrom<unknown>(
        "Buffer",
        "Float64Array",
        "x",
        1,
        null,
        true,
        ["Float64Array", 0],
        "{}",
        '{"className":"Error","message":""}',
      ),
      fc.tuple(fc.constant(-7), fc.nat(20), index, index),
    );
    let read = 0;
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 12 }), (flat) => {
        if (outcome(() => decode(rich(flat, [new Uint8Array(8), new Uint8Array(5)]))) === "read") read += 1;
      }),
      { numRuns: 5_000 },
    );
    expect(read).toBeGreaterThan(50);
  });

  test("cut off or with one character changed is read or refused", () => {
    fc.assert(
      fc.property(anyValue, fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (make, at, char) => {
        const { codec, text, parts } = encode([make()]);
        const where = at % text.length;
        expect(outcome(() => decode({ codec, text: text.slice(0, where), parts }))).toBe("refused");
        outcome(() => decode({ codec, text: text.slice(0, where) + char + text.slice(where + 1), parts }));
        outcome(() => decode({ codec, text, parts: parts.slice(1) }));
        const envelope = encodeEnvelope({
          v: 1,
          callId: "fc-1",
          inputId: "in-1",
          attempt: 1,
          args: { codec, text, parts },
          root: "fc-1",
          depth: 0,
        });
        expect(outcome(() => decode(decodeEnvelope(envelope.text.slice(0, at % envelope.text.length), parts).args))).toBe("refused");
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    ["an empty text", ""],
    ["an empty list", []],
    ["no list", {}],
    ["an index past the end", [[1]]],
    ["an index that is no constant", [[-10]]],
    ["a fraction", [[0.5], 1]],
    ["a constant that is no value", "-2"],
    ["an unknown type", [["Widget", 1], 1]],
    ["an own __proto__", '[{"__proto__":1},{"polluted":2},true]'],
    ["an own __proto__ in an object without prototype", [["null", "__proto__", 1], {}]],
    ["a Map with a key alone", [["Map", 1], 1]],
    [
      "base64 bytes, which Tenon never writes",
      [
        ["Uint8Array", 1],
        ["ArrayBuffer", "AAAA"],
      ],
    ],
    ["a BigInt of a million digits", [["BigInt", "9".repeat(1_000_000)]]],
    ["a BigInt that is no number", [["BigInt", "x"]]],
    ["a RegExp that is none", [["RegExp", "("]]],
    ["a part that did not come", [["Bytes", 1], [2, 3], "Buffer", 5]],
    ["a part used twice", [[1, 4], ["Bytes", 2], [3, 5], "Buffer", ["Bytes", 2], 0]],
    ["bytes that do not fit their class", [["Bytes", 1], [2, 3], "Float64Array", 1]],
    ["bytes of an unknown class", [["Bytes", 1], [2, 3], "constructor", 0]],
    ["an unknown handle", [["Handle", 1], [2, 2], "nope"]],
    ["an error that contains itself", [["Error", 0]]],
    ["an error as a graph", [["Error", 1], { className: 2, message: 2, cause: 1 }, "Error"]],
    ["a box that contains itself", [["Object", 0]]],
    ["a type that contains itself", [["Handle", 0]]],
  ])("is refused: %s", (_, flat) => {
    expect(() => decode(rich(flat, [new Uint8Array(8), new Uint8Array(5)]))).toThrow(DeserializationError);
  });

  test("with a codec of another kind is refused", () => {
    expect(() => decode({ codec: "pickle" as "json", text: "1", parts: [] })).toThrow(/pickle/);
  });

  test("nested deeply is refused before it is built, in every form", () => {
    const deep = (open: string, close: string, levels: number): string => open.repeat(levels) + close.repeat(levels);
    for (const levels of [1_100, 1_000_000]) {
      for (const text of [deep("[", "]", levels), deep('{"a":', "}", levels).replace(":}", ":1}")]) {
        expect(() => decode({ codec: "json", text, parts: [] })).toThrow(/nests deeper than 1000 levels/);
        expect(() => decode(rich(text))).toThrow(/nests deeper than 1000 levels/);
        expect(() => decodeEnvelope(`{"args":[${text}]}`, [])).toThrow(/nests deeper than 1000 levels/);
        expect(() => decodeResult(`{"status":"failed","error":${text}}`, [])).toThrow(/nests deeper than 1000 levels/);
      }
    }
    const chain = Array.from({ length: 100_000 }, (_, i) => [i + 1]);
    expect(() => decode(rich([...chain, 1]))).toThrow(/nests deeper than 1000 levels/);
  });

  test("with brackets inside its strings is no deeper for it", () => {
    const value = { text: '[{"\\'.repeat(5_000), list: ['\\"[', "[".repeat(3_000)] };
    expect(decode(encode(value))).toEqual(value);
  });

  test("of 50 MiB of garbage is refused", () => {
    const size = 50 * MIB;
    const garbage = [
      "[".repeat(size),
      '{"a":'.repeat(size / 5),
      '"'.repeat(size),
      "\\".repeat(size),
      '"\\'.repeat(size / 2),
      "9".repeat(size) + "x",
      "[1,".repeat(size / 3),
      `["${"a".repeat(size)}`,
      "\0".repeat(size),
      `[[${"1,".repeat(size / 2)}`,
    ];
    const readers = [
      (text: string) => decode({ codec: "json", text, parts: [] }),
      (text: string) => decode(rich(text)),
      (text: string) => decodeEnvelope(text, []),
      (text: string) => decodeResult(text, []),
    ];
    garbage.forEach((text, index) => {
      // Every text by one of the readers, and the first by all.
      for (const read of index === 0 ? readers : readers.slice(index % 4, (index % 4) + 1))
        expect(outcome(() => read(text))).toBe("refused");
    });
  });

  test("with 10 million entries and 50 MiB is read as what it is", () => {
    const flat = rich(`[[${"1,".repeat(10_000_000)}1],7]`);
    expect((decode(flat) as number[]).length).toBe(10_000_001);
  });

  test("that names keys of Object.prototype changes none", () => {
    const json = decode({
      codec: "json",
      text: '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}',
      parts: [],
    }) as object;
    expect(Object.getPrototypeOf(json)).toBe(Object.prototype);
    const flat = decode(rich([{ constructor: 1, toString: 2, hasOwnProperty: 3 }, { prototype: 2 }, { polluted: 3 }, true])) as object;
    expect(Object.getPrototypeOf(flat)).toBe(Object.prototype);
    expect(Object.hasOwn(flat, "constructor")).toBe(true);
  });
});
