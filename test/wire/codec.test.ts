import { createContext, runInContext } from "node:vm";
import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EncodedValue } from "../../src/model/encoded.ts";
import { SerializationError } from "../../src/model/errors.ts";
import { decode, encode, registerHandle } from "../../src/wire/codec.ts";
import { anyValue, difference } from "./values.ts";
import { rounds } from "../helpers/rounds.ts";

/** What the other side gets: text through UTF-8, bytes in memory of their own. */
function sent(encoded: EncodedValue): EncodedValue {
  return { codec: encoded.codec, text: Buffer.from(encoded.text).toString(), parts: encoded.parts.map((part) => new Uint8Array(part)) };
}

const roundTrip = (value: unknown): unknown => decode(sent(encode(value)));

describe("a value", () => {
  test("arrives as it was, whatever it is: thousands of random values with shared references and cycles", () => {
    let rich = 0;
    const numRuns = rounds(2_500, 10_000);
    fc.assert(
      fc.property(anyValue, (make) => {
        const value = make();
        const encoded = encode(value);
        if (encoded.codec === "devalue") rich += 1;
        expect(difference(value, decode(sent(encoded)))).toBeUndefined();
        // Encoding changes nothing in the value itself.
        expect(difference(make(), value)).toBeUndefined();
      }),
      { numRuns },
    );
    expect(rich).toBeGreaterThan(numRuns / 10);
    expect(rich).toBeLessThan(numRuns * 0.99);
  });

  test.each([["hi"], [{ a: [1, 2.5, -3, true, null, { b: "\u2028\ud83d\ude00" }] }], [[]], [{}], [""], [null], [0]])(
    "that is plain JSON is sent as JSON: %j",
    (value) => {
      expect(encode(value)).toEqual({ codec: "json", text: JSON.stringify(value), parts: [] });
    },
  );

  const shared = { x: 1 };
  test.each(
    [
      ["undefined", undefined],
      ["a member that is undefined", { a: undefined }],
      ["a hole", Object.assign([1], { 2: 2 })],
      ["-0", [-0]],
      ["NaN", NaN],
      ["a repeated reference", [shared, shared]],
      ["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
      ["more repeated references than the short list holds", [...Array.from({ length: 40 }, (_, i) => ({ i })), shared, shared]],
      ["a very long array of holes", Object.assign([], { length: 4_000_000_000 })],
      ["own keys named like those of Object.prototype", { constructor: 1, toString: "x", valueOf: 2, d: 1n }],
    ].map(([name, value]) => ({ name, value })),
  )("that JSON would change is sent in the rich form: $name", ({ value }) => {
    expect(encode(value).codec).toBe("devalue");
    if (!Array.isArray(value) || value.length < 1e6) expect(difference(value, roundTrip(value))).toBeUndefined();
    else expect((roundTrip(value) as unknown[]).length).toBe(value.length);
  });

  test("holds its keys in their order", () => {
    expect(Object.keys(roundTrip({ b: 1, a: 2n, 2: 3, 1: 4 }) as object)).toEqual(["1", "2", "b", "a"]);
  });

  test("made in another realm arrives as this realm's", () => {
    const foreign: unknown = runInContext(
      "({ list: [1, new Date(5)], map: new Map([[1, /x/g]]), bytes: new Uint8Array([1, 2]) })",
      createContext(),
    );
    expect(
      difference(roundTrip(foreign), { list: [1, new Date(5)], map: new Map([[1, /x/g]]), bytes: new Uint8Array([1, 2]) }),
    ).toBeUndefined();
  });

  test("nested 1,000 deep is sent, in both forms; deeper is refused with both ends of the path", () => {
    const nest = (inner: unknown, levels: number): unknown => {
      let value = inner;
      for (let i = 0; i < levels; i++) value = { a: value };
      return value;
    };
    for (const inner of [1, 1n]) {
      expect(difference(nest(inner, 999), roundTrip(nest(inner, 999)))).toBeUndefined();
      expect(() => encode(nest(inner, 1_100), "args")).toThrow(
        /^args\.a\.a.*….*\.a can't be sent: it is nested deeper than 1000 levels\.$/,
      );
      expect(() => encode(nest(inner, 200_000))).toThrow(SerializationError);
    }
  });

  test("is refused, not crashed on, when little of the stack is left", () => {
    let caught: unknown;
    const dive = (): void => {
      try {
        dive();
      } catch {
        try {
          encode([[[[new Map([[1, [[[[1n]]]]]])]]]]);
        } catch (error) {
          caught ??= error;
        }
      }
    };
    dive();
    expect(caught === undefined || caught instanceof SerializationError || caught instanceof RangeError).toBe(true);
    expect(roundTrip([1n])).toEqual([1n]);
  });
});

describe("bytes", () => {
  test("stand beside the text, on the same memory", () => {
    const big = Buffer.alloc(64 * 1024 * 1024, 7);
    const { text, parts } = encode([big], "args");
    expect(text.length).toBeLessThan(100);
    expect(parts[0]?.buffer).toBe(big.buffer);
    const [back] = decode({ codec: "devalue", text, parts }) as [Buffer];
    expect(Buffer.isBuffer(back)).toBe(true);
    expect(back.buffer).toBe(big.buffer);
  });

  test("of a view on a larger buffer travel without their neighbours", () => {
    const secret = new TextEncoder().encode("secret|public|secret");
    const view = secret.subarray(7, 13);
    const { parts } = encode(view);
    expect(parts.map((part) => part.byteLength)).toEqual([6]);
    const back = roundTrip(view) as Uint8Array;
    expect(new TextDecoder().decode(new Uint8Array(back.buffer))).toBe("public");
  });

  test("arrive at any offset of the received memory", () => {
    const { text, parts } = encode(new Float64Array([1.5, -2]));
    const frame = new Uint8Array(64);
    frame.set(parts[0] as Uint8Array, 3);
    expect(decode({ codec: "devalue", text, parts: [frame.subarray(3, 19)] })).toEqual(new Float64Array([1.5, -2]));
  });

  test("keep the identity of one view, met twice", () => {
    const view = new Uint16Array([1, 2]);
    const [a, b] = roundTrip([view, view]) as unknown[];
    expect(a).toBe(b);
  });
});

describe("what can't be sent is refused with its path", () => {
  class Money {
    #cents = 5;
    get cents(): number {
      return this.#cents;
    }
  }
  class Bytes extends Uint8Array {}
  class Dated extends Date {}
  class List extends Array {}
  const refusals: [unknown, string, RegExp][] = [
    [[{ rows: [1, 2, 3, { callback: () => 1 }] }], "args[0].rows[3].callback", /a function \(callback\).*handle/s],
    [[class Foo {}], "args[0]", /a class \(Foo\)/],
    [[Symbol("s")], "args[0]", /a symbol \(Symbol\(s\)\)/],
    [[{ [Symbol("k")]: 1 }], "args[0][Symbol(k)]", /key is a symbol/],
    [
      [
        {
          a: {
            get b() {
              return 1;
            },
          },
        },
      ],
      "args[0].a.b",
      /an accessor/,
    ],
    [[{ "two words": new Money() }], 'args[0]["two words"]', /an instance of Money.*plain object/s],
    [[new Map([["key", Promise.resolve()]])], 'args[0].get("key")', /a promise.*Await/s],
    [[new Map([[() => 1, 1]])], "args[0].keys()[0]", /a function/],
    [[new Map([[{}, () => 1]])], "args[0].get(…)", /a function/],
    [[new Set([1, new WeakMap()])], "args[0].values()[1]", /a WeakMap/],
    [[Readable.from([])], "args[0]", /a stream \(Readable\)/],
    [[new ReadableStream()], "args[0]", /a stream \(ReadableStream\)/],
    [[new WritableStream()], "args[0]", /a stream \(WritableStream\)/],
    [
      [
        (function* () {
          yield 1;
        })(),
      ],
      "args[0]",
      /a generator/,
    ],
    [
      [
        (async function* () {
          yield 1;
        })(),
      ],
      "args[0]",
      /a generator/,
    ],
    [[new SharedArrayBuffer(1)], "args[0]", /shared memory/],
    [[new Uint8Array(new SharedArrayBuffer(1))], "args[0]", /shared memory/],
    [[new Bytes(1)], "args[0]", /an instance of Bytes/],
    [[new Dated()], "args[0]", /an instance of Dated/],
    [[List.from([1])], "args[0]", /an instance of List/],
    [[new Headers()], "args[0]", /an instance of Headers/],
    [[Object(1)], "args[0]", /a boxed primitive \(Number\)/],
    [[JSON.parse('{"a":{"__proto__":1}}')], "args[0].a.__proto__", /named __proto__/],
    [
      [
        new (class {
          x = 1;
        })(),
      ],
      "args[0]",
      /an instance of a class without a name/,
    ],
    [[Object.create({ inherited: 1 })], "args[0]", /an instance of Object/],
    [
      [
        {
          a: new Proxy(
            {},
            {
              ownKeys() {
                throw new TypeError("no");
              },
            },
          ),
        },
      ],
      "args[0].a",
      /reading it failed/,
    ],
  ];
  test.each(refusals.map(([value, path, why]) => ({ value, path, why })))("$path: $why", ({ value, path, why }) => {
    let error: unknown;
    try {
      encode(value, "args");
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SerializationError);
    const { message, hint } = error as SerializationError;
    expect(message.startsWith(`${path} can't be sent: `)).toBe(true);
    expect(`${message} ${hint}`).toMatch(why);
    expect(hint).toBeTruthy();
  });

  test("wherever it stands in a random value", () => {
    const refused = (): never => {
      throw new Error("never called");
    };
    fc.assert(
      fc.property(anyValue, (make) => {
        const value = make();
        expect(() => encode([value, refused], "args")).toThrow("args[1] can't be sent: it is a function (refused)");
      }),
      { numRuns: 500 },
    );
  });
});

describe("handles", () => {
  class Handle {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
  }
  registerHandle("test.handle", {
    is: (value) => value instanceof Handle,
    toData: (value) => ({ name: (value as Handle).name, since: new Date(1) }),
    fromData: (data) => new Handle((data as Handle).name),
  });
  const call = Object.assign(() => 1, { handle: true });
  registerHandle("test.callable", { is: (value) => value === call, toData: () => "call", fromData: () => call });

  test("arrive as handles, once each, even when they can be called", () => {
    const handle = new Handle("seen");
    const back = roundTrip({ a: handle, b: [handle], call }) as { a: Handle; b: Handle[]; call: unknown };
    expect(back.a).toBeInstanceOf(Handle);
    expect(back.a.name).toBe("seen");
    expect(back.b[0]).toBe(back.a);
    expect(back.call).toBe(call);
  });
});
