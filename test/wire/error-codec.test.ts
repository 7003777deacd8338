import { readFileSync } from "node:fs";
import { inspect, types } from "node:util";
import { describe, expect, test } from "vitest";
import type { EncodedError } from "../../src/model/encoded.ts";
import { ERROR_CLASSES, InvalidError, ProcessExitError, RemoteError, TenonError, TimeoutError } from "../../src/model/errors.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { decodeError, encodeError } from "../../src/wire/error-codec.ts";
import { registerErrorClass } from "../../src/wire/error-registry.ts";

/** What the other side gets: through JSON, as everything that holds an error is written. */
function sent(error: unknown): EncodedError {
  return JSON.parse(JSON.stringify(encodeError(error))) as EncodedError;
}

const roundTrip = (error: unknown): Error & Record<string, unknown> => decodeError(sent(error)) as Error & Record<string, unknown>;

const thrownBy = (run: () => unknown): Error => {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  return new RangeError("nothing was thrown");
};

describe("an error arrives as itself", () => {
  test.each([Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError])("when the language has it: %o", (Class) => {
    const back = roundTrip(new Class("bad"));
    expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
    expect([back.message, back.name, String(back)]).toEqual(["bad", Class.name, `${Class.name}: bad`]);
    expect(types.isNativeError(back)).toBe(true);
    expect(Object.keys(back)).toEqual([]);
    expect(Object.getOwnPropertyDescriptor(back, "stack")?.enumerable).toBe(false);
  });

  test.each(Object.values(ERROR_CLASSES))("when it is Tenon's: %o", (Class) => {
    const error = new Class("what", { hint: "do this", cause: new Error("why") });
    const back = roundTrip(error) as unknown as TenonError;
    expect(Object.getPrototypeOf(back)).toBe(Class.prototype);
    expect(TenonError.is(back)).toBe(true);
    expect([back.code, back.hint, back.message, back.name, (back.cause as Error).message]).toEqual([
      error.code,
      "do this",
      "what",
      Class.name,
      "why",
    ]);
    expect(Object.keys(back).sort()).toEqual(Object.keys(error).sort());
  });

  test("with the fields of a Tenon error", () => {
    const back = roundTrip(new ProcessExitError("gone", { exitCode: 3 }));
    expect([back.exitCode, back.hint, Object.keys(back)]).toEqual([3, undefined, ["code", "exitCode"]]);
  });

  test("when its class is registered, without running its constructor", () => {
    let runs = 0;
    class PaymentDeclined extends Error {
      readonly amount: number;
      constructor(amount: number) {
        super("declined");
        runs += 1;
        this.amount = amount;
      }
      get isLarge(): boolean {
        return this.amount > 100;
      }
    }
    registerErrorClass("PaymentDeclined", PaymentDeclined);
    const back = roundTrip(new PaymentDeclined(500));
    expect(back).toBeInstanceOf(PaymentDeclined);
    expect([runs, back.amount, back.isLarge, back.message, TenonError.is(back)]).toEqual([1, 500, true, "declined", false]);
    expect(inspect(back)).toContain("amount: 500");
  });

  test("when its class is registered without its name", () => {
    class OutOfStock extends Error {}
    registerErrorClass(OutOfStock);
    expect(roundTrip(new OutOfStock("none"))).toBeInstanceOf(OutOfStock);
    expect(() => registerErrorClass(class extends Error {})).toThrow("the class has no name");
    expect(() => registerErrorClass("OutOfStock" as never)).toThrow("the class is undefined. It must be a class that extends Error.");
  });

  test("when a registered class extends one of Tenon's", () => {
    class QuotaError extends InvalidError {
      override readonly code = "QUOTA";
    }
    registerErrorClass("QuotaError", QuotaError);
    const back = roundTrip(new QuotaError("x"));
    expect([back instanceof QuotaError, TenonError.is(back), back.code]).toEqual([true, true, "QUOTA"]);
  });

  test("when it is a user's class with the name of one of Tenon's: never as Tenon's", () => {
    const UserTimeout = { TimeoutError: class TimeoutError extends Error {} }.TimeoutError;
    const back = roundTrip(new UserTimeout("mine"));
    expect(back).not.toBeInstanceOf(TimeoutError);
    expect([back instanceof RemoteError, back.remoteClass]).toEqual([true, "TimeoutError"]);
    registerErrorClass("TimeoutError", UserTimeout);
    expect(roundTrip(new UserTimeout("mine"))).toBeInstanceOf(UserTimeout);
    expect(roundTrip(new TimeoutError("tenon's"))).toBeInstanceOf(TimeoutError);
  });

  test("when Node made it, with its code", () => {
    const missing = roundTrip(thrownBy(() => readFileSync("/no/such/file")));
    expect([missing.constructor, missing.code, missing.syscall, missing.path]).toEqual([Error, "ENOENT", "open", "/no/such/file"]);
    const bad = roundTrip(thrownBy(() => Buffer.alloc("x" as never)));
    expect([bad.constructor, bad.code, bad.name]).toEqual([TypeError, "ERR_INVALID_ARG_TYPE", "TypeError"]);
  });

  test("when it is an abort", () => {
    const controller = new AbortController();
    controller.abort();
    const back = roundTrip(controller.signal.reason);
    expect([back instanceof DOMException, back instanceof Error, back.name, back.code]).toEqual([true, true, "AbortError", 20]);
  });

  test("with all members when it is an AggregateError", () => {
    const back = roundTrip(
      new AggregateError([new TypeError("a"), new RangeError("b", { cause: 1 })], "both"),
    ) as unknown as AggregateError;
    expect(back).toBeInstanceOf(AggregateError);
    expect(back.errors.map((each: Error) => [each.constructor, each.message, each.cause])).toEqual([
      [TypeError, "a", undefined],
      [RangeError, "b", 1],
    ]);
    expect(Object.keys(back)).toEqual([]);
  });

  test("inside a value, with its identity", () => {
    const error = Object.assign(new TypeError("x", { cause: new Error("y") }), { at: new Date(3) });
    const { a, b } = decode(encode({ a: error, b: [error] })) as { a: TypeError & { at: Date }; b: unknown[] };
    expect(a).toBe(b[0]);
    expect([a instanceof TypeError, a.message, (a.cause as Error).message, a.at, a.stack]).toEqual([
      true,
      "x",
      "y",
      new Date(3),
      error.stack,
    ]);
  });
});

describe("an error of a class that the receiver does not have", () => {
  class CardError extends Error {
    override name = "CardError";
    readonly card = { last4: "4242", seen: new Date(0) };
    readonly code = "E_CARD";
  }

  test("arrives as a RemoteError with its name, message, fields, cause and class", () => {
    const back = roundTrip(new CardError("refused", { cause: { status: 402 } })) as unknown as RemoteError & CardError;
    expect(back).toBeInstanceOf(RemoteError);
    expect([back.name, back.message, back.remoteClass, back.card, back.cause, back.code]).toEqual([
      "CardError",
      "refused",
      "CardError",
      { last4: "4242", seen: new Date(0) },
      { status: 402 },
      "E_CARD",
    ]);
    expect(String(back)).toBe("CardError: refused");
  });

  test("is the same after a second hop", () => {
    const once = roundTrip(new CardError("refused"));
    const twice = roundTrip(once);
    expect([twice instanceof RemoteError, twice.remoteClass, twice.name, twice.code, twice.card]).toEqual([
      true,
      "CardError",
      "CardError",
      "E_CARD",
      once.card,
    ]);
  });

  test("has the code REMOTE when it has none of its own", () => {
    expect(roundTrip(new (class Plain extends Error {})("x")).code).toBe("REMOTE");
  });
});

describe("the stack", () => {
  test("is the sender's, then the frames of who called", () => {
    const error = new TypeError("bad");
    const back = decodeError(encodeError(error, { mapStack: (stack) => stack.replaceAll("error-codec.test.ts", "users-file.ts") }));
    const [remote, local] = (back.stack ?? "").split("\n    at [remote call]\n");
    expect(remote).toBe(error.stack?.replaceAll("error-codec.test.ts", "users-file.ts"));
    expect(local).toContain("error-codec.test.ts");
    expect(local).not.toContain("src/wire/");
  });

  test("of a cause is the sender's alone", () => {
    const cause = new Error("inner");
    expect((roundTrip(new Error("outer", { cause })).cause as Error).stack).toBe(cause.stack);
  });

  test("is kept as it is when mapping it fails", () => {
    const error = new Error("x");
    expect(
      encodeError(error, {
        mapStack: () => {
          throw new TypeError("no");
        },
      }).stack,
    ).toBe(error.stack);
  });
});

describe("encoding never throws", () => {
  test.each([
    ["a string", "boom", "string", "'boom'"],
    ["null", null, "null", "null"],
    ["undefined", undefined, "undefined", "undefined"],
    ["an object", { status: 404 }, "Object", "{ status: 404 }"],
    ["a number", 7, "number", "7"],
  ])("for %s that was thrown", (_, value, remoteClass, shown) => {
    const back = roundTrip(value);
    expect([back instanceof RemoteError, back.remoteClass, back.message, back.cause]).toEqual([
      true,
      remoteClass,
      `Something other than an Error was thrown: ${shown}`,
      value,
    ]);
  });

  test("for things that can't even be looked at", () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const trap = new Proxy(new Error("x"), {
      get() {
        throw new Error("trap");
      },
      ownKeys() {
        throw new Error("trap");
      },
    });
    for (const thing of [
      proxy,
      trap,
      Symbol("s"),
      () => 1,
      class {},
      Object.create(null),
      {
        get a() {
          throw new Error("no");
        },
      },
      Promise.resolve(1),
    ]) {
      expect(decodeError(sent(thing))).toBeInstanceOf(Error);
    }
  });

  test("for fields that can't be sent: they become notes, the others stay", () => {
    const error = Object.assign(new Error("x"), {
      ok: [1n],
      socket: { on: () => 1 },
      self: undefined as unknown,
      big: Buffer.alloc(100_000),
      small: Buffer.from("hi"),
      long: "x".repeat(2_000_000),
    });
    error.self = error;
    Object.defineProperty(error, "bomb", {
      enumerable: true,
      get: () => {
        throw new TypeError("tick");
      },
    });
    const back = roundTrip(error);
    expect(back.ok).toEqual([1n]);
    expect(back.small).toEqual(Buffer.from("hi"));
    expect(back.socket).toBe("[not sent: socket.on can't be sent: it is a function (on)]");
    expect(back.big).toMatch(/^\[not sent: big .*65536 bytes/);
    expect(back.long).toMatch(/^\[not sent: long is larger/);
    expect(back.bomb).toBe("[not sent: reading it threw tick]");
    expect((back.self as Error).message).toMatch(/cycle/);
  });

  test("for causes in a circle, and a thousand deep", () => {
    const a = new Error("a");
    const b = new Error("b", { cause: a });
    a.cause = b;
    const back = roundTrip(a);
    expect(((back.cause as Error).cause as Error).message).toMatch(/cycle/);
    let deep = new Error("0");
    for (let i = 1; i < 1_000; i++) deep = new Error(String(i), { cause: deep });
    let depth = 0;
    for (let at: unknown = roundTrip(deep); at instanceof Error; at = at.cause) depth += 1;
    expect(depth).toBe(33);
  });

  test("for a tree of errors that doubles at every level", () => {
    let tree: Error = new Error("leaf");
    for (let i = 0; i < 30; i++) tree = new AggregateError([tree, tree], String(i));
    expect(roundTrip(tree)).toBeInstanceOf(AggregateError);
  });

  test("for message and name that are no strings", () => {
    const error = new Error("x");
    Object.assign(error, { message: 5, name: {}, stack: 7 });
    expect(roundTrip(error).message).toBe("5");
  });
});

describe("received fields", () => {
  test("never take the place of what makes the error", () => {
    const fields = encode(JSON.parse('{"stack":"s","message":"m","name":"n","cause":1,"constructor":1,"toString":1,"then":1,"fine":1}'));
    const back = decodeError({ className: "TypeError", message: "true", fields, stack: "TypeError: true" }) as Error & { fine: number };
    expect([back.message, back.name, back.cause, back.constructor, String(back), back.fine]).toEqual([
      "true",
      "TypeError",
      undefined,
      TypeError,
      "TypeError: true",
      1,
    ]);
    const proto = decodeError({
      className: "Error",
      message: "",
      fields: { codec: "json", text: '{"__proto__":{"polluted":1}}', parts: [] },
    });
    expect([Object.getPrototypeOf(proto), "polluted" in proto]).toEqual([Error.prototype, false]);
    const tenon = decodeError({ className: "InvalidError", message: "", code: "INVALID", fields: encode({ code: "X" }) }) as InvalidError;
    expect(tenon.code).toBe("INVALID");
  });

  test("of a class named like a member of Object.prototype are a RemoteError's", () => {
    for (const className of ["constructor", "__proto__", "hasOwnProperty"])
      expect(decodeError({ className, message: "x" })).toBeInstanceOf(RemoteError);
  });
});

test("an uncaught remote error prints both stacks, its fields and its cause", () => {
  const text = inspect(roundTrip(Object.assign(new TypeError("bad", { cause: new Error("why") }), { orderId: 7 })));
  expect(text).toMatch(/^TypeError: bad\n/);
  expect(text).toContain("orderId: 7");
  expect(text).toContain("[cause]: Error: why");
});
