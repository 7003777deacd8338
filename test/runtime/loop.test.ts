import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { newCallId, newInputId } from "../../src/model/ids.ts";
import { resolveFunctionOptions } from "../../src/model/function-options.ts";
import { createCredit } from "../../src/channel/credit.ts";
import { createLoop, type Loop } from "../../src/runtime/loop.ts";
import { currentInputId, currentInputSignal } from "../../src/context/context.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import type { Envelope } from "../../src/wire/envelope.ts";

const poisons: string[] = [];

function loopOf(body: (...args: never[]) => unknown, kind: "function" | "generator" = "function"): Loop {
  poisons.length = 0;
  return createLoop({
    spec: resolveFunctionOptions("f", kind, { timeoutMs: 1_000 }),
    body: body as (...args: unknown[]) => unknown,
    onPoisoned: (reason) => poisons.push(reason),
  });
}

function input(...args: unknown[]): Envelope {
  const callId = newCallId();
  return { v: 1, callId, inputId: newInputId(), attempt: 1, args: encode(args, "args"), root: callId, depth: 0 };
}

const endless = (): Promise<never> => new Promise(() => undefined);

describe("an input", () => {
  it("has the value of a plain function, a promise, and anything with a then", async () => {
    for (const body of [(n: number) => n, async (n: number) => n, (n: number) => ({ then: (f: (n: number) => void) => f(n) })]) {
      const result = await loopOf(body).run(input(7));
      expect(result.status === "succeeded" && decode(result.value)).toBe(7);
    }
  });

  it("fails with what its body throws, now or later, and with a result that can't be sent", async () => {
    const throwNow = (): never => {
      throw new RangeError("now");
    };
    const throwLater = async (): Promise<never> => throwNow();
    expect(await loopOf(throwNow).run(input())).toMatchObject({ status: "failed", error: { className: "RangeError" } });
    expect(await loopOf(throwLater).run(input())).toMatchObject({ status: "failed", error: { className: "RangeError" } });
    expect(await loopOf(() => () => 1).run(input())).toMatchObject({ status: "failed", error: { className: "SerializationError" } });
  });

  it("fails when its arguments are no list", async () => {
    expect(await loopOf(() => 1).run({ ...input(), args: encode("hi") })).toMatchObject({
      status: "failed",
      error: { className: "InvalidError" },
    });
  });

  it("is over when its time is, its signal aborted, and the loop can't be trusted any more", async () => {
    let signal: AbortSignal | undefined;
    const loop = loopOf(() => {
      signal = currentInputSignal();
      return endless();
    });
    expect(await loop.run(input())).toMatchObject({ status: "timed-out", error: { className: "FunctionTimeoutError" } });
    expect(signal?.aborted).toBe(true);
    expect(poisons).toEqual(["timed out"]);
    expect(loop.running.size).toBe(0);
  });
});

describe("a cancelled input", () => {
  it("ends as cancelled when its body throws for it", async () => {
    const loop = loopOf(() => sleep(20_000, undefined, { signal: currentInputSignal() }));
    const envelope = input();
    const result = loop.run(envelope);
    loop.cancel(envelope.inputId);
    expect(await result).toMatchObject({ status: "cancelled", error: { className: "InputCancelledError" } });
    expect(poisons).toEqual([]);
  });

  it("keeps the value of a body that comes to its end all the same", async () => {
    const loop = loopOf(async () => {
      await sleep(20);
      return "done";
    });
    const envelope = input();
    const result = loop.run(envelope);
    loop.cancel(envelope.inputId);
    expect(await result).toMatchObject({ status: "succeeded" });
  });

  it("is not known any more once it has ended", async () => {
    const loop = loopOf(() => 1);
    const envelope = input();
    await loop.run(envelope);
    loop.cancel(envelope.inputId);
    loop.cancel("in-nobody");
    loop.fail(new RangeError("nobody's"), envelope.inputId);
    expect(poisons).toEqual([]);
  });
});

describe("a fault outside the body", () => {
  it("fails one input, or all", async () => {
    const loop = loopOf(endless);
    const [first, second, third] = [input(), input(), input()];
    const results = [first, second, third].map((envelope) => loop.run(envelope));
    loop.fail(new RangeError("one"), first.inputId);
    expect(await results[0]).toMatchObject({ status: "failed", error: { message: "one" } });
    expect(loop.running.size).toBe(2);
    loop.fail(new RangeError("all"));
    expect(await Promise.all(results.slice(1))).toMatchObject([{ error: { message: "all" } }, { error: { message: "all" } }]);
  });
});

describe("a generator", () => {
  it("gives items, waits for credit, and returns its value; each step runs inside the input", async () => {
    const credit = createCredit(2);
    const items: unknown[] = [];
    const loop = loopOf(async function* () {
      yield currentInputId();
      yield currentInputId();
      yield currentInputId();
      return currentInputId();
    }, "generator");
    const envelope = input();
    const result = loop.run(envelope, (item) => {
      items.push(decode(item));
      return credit.take();
    });
    await sleep(20);
    expect(items).toEqual([envelope.inputId, envelope.inputId]);
    credit.give(2);
    const ended = await result;
    expect(items).toHaveLength(3);
    expect(ended.status === "succeeded" && decode(ended.value)).toBe(envelope.inputId);
  });

  it.each(["an item that can't be sent", "a cancellation"])("runs its finally blocks inside the input after %s", async (why) => {
    const cleaned: unknown[] = [];
    const credit = createCredit(1);
    const loop = loopOf(async function* () {
      try {
        for (;;) yield why === "a cancellation" ? 1 : () => 1;
      } finally {
        cleaned.push(currentInputId());
      }
    }, "generator");
    const envelope = input();
    const result = loop.run(envelope, () => credit.take());
    await sleep(10);
    credit.open();
    loop.cancel(envelope.inputId);
    expect(await result).toMatchObject({ status: why === "a cancellation" ? "cancelled" : "failed" });
    expect(cleaned).toEqual([envelope.inputId]);
  });

  it("fails when it is none", async () => {
    expect(await loopOf(() => 1, "generator").run(input())).toMatchObject({ status: "failed", error: { className: "InvalidError" } });
  });
});
