import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { App, RemoteFunction } from "../../src/sdk/index.ts";
import { ClientClosedError, InputCancelledError, InvalidError, OutputTimeoutError } from "../../src/model/errors.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import { encodeError } from "../../src/wire/error-codec.ts";
import { errorOf, runInMemory } from "./backend.ts";

const app = new App("maps");
const double = app.function("double", async (n: number) => n * 2);
const nothing = app.function("nothing", async (_: number) => undefined);
const add = app.function("add", (a: number, b: number) => a + b);
const later = app.function("later", async (ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return ms;
});
const odd = app.function("odd", async (n: number) => {
  if (n % 2 === 0) throw new RangeError(`${n} is even`);
  return n;
});
const never = app.function("never", async (_: number) => new Promise<number>(() => undefined));
const count = app.function("count", async function* (to: number) {
  for (let i = 0; i < to; i++) yield i;
});
const { backend, events, stop } = runInMemory(app);
afterAll(stop);
beforeEach(() => {
  backend.envelopes.length = 0;
  backend.cancelled.length = 0;
  backend.load.most = 0;
  backend.intercept = undefined;
  events.length = 0;
});

function* naturals(state: { taken: number; closed: boolean }): Generator<number> {
  try {
    for (let n = 1; ; n++) {
      state.taken++;
      yield n;
    }
  } finally {
    state.closed = true;
  }
}

describe("map", () => {
  it("gives the results in the order of the inputs", async () => {
    expect(await later.map([30, 1, 10]).toArray()).toEqual([30, 1, 10]);
  });

  it("gives them as they are ready when order is not asked for", async () => {
    expect(await later.map([60, 1, 30], { orderOutputs: false }).toArray()).toEqual([1, 30, 60]);
  });

  it("takes arrays, Sets, generators and async generators", async () => {
    async function* pages() {
      yield 1;
      yield 2;
    }
    expect(await double.map(new Set([1, 2])).toArray()).toEqual([2, 4]);
    expect(await double.map([1, 2].values()).toArray()).toEqual([2, 4]);
    expect(await double.map(pages()).toArray()).toEqual([2, 4]);
  });

  it("keeps results that are undefined", async () => {
    expect(await nothing.map([1, 2]).toArray()).toEqual([undefined, undefined]);
  });

  it("of nothing gives nothing and calls nobody", async () => {
    expect(await double.map([]).toArray()).toEqual([]);
    expect(backend.envelopes).toEqual([]);
  });

  it("carries more inputs than its window", async () => {
    const inputs = Array.from({ length: 3_500 }, (_, index) => index);
    expect(await double.map(inputs).toArray()).toEqual(inputs.map((n) => n * 2));
    expect(await double.map(inputs, { orderOutputs: false }).toArray()).toHaveLength(3_500);
  });

  it("has at most 1,000 inputs outstanding", async () => {
    const state = { taken: 0, closed: false };
    const iterator = never.map(naturals(state))[Symbol.asyncIterator]();
    void iterator.next();
    for (let delivery = 0; delivery < 100; delivery++) await new Promise((resolve) => setImmediate(resolve));
    expect([state.taken, backend.load.now]).toEqual([1_000, 1_000]);
    await iterator.return?.();
    expect(state).toEqual({ taken: 1_000, closed: true });
  });

  it("takes inputs only as results are taken", async () => {
    const state = { taken: 0, closed: false };
    let results = 0;
    for await (const n of double.map(naturals(state))) {
      expect(n).toBe(++results * 2);
      if (results === 1_500) break;
      expect(state.taken).toBeLessThanOrEqual(results + 1_000);
    }
    expect(state.closed).toBe(true);
  });

  it("does nothing until it is iterated", async () => {
    const state = { taken: 0, closed: false };
    double.map(naturals(state));
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.taken).toBe(0);
  });

  it("is one call with an input for each value", async () => {
    await double.map([1, 2, 3]).toArray();
    expect(new Set(backend.envelopes.map((envelope) => envelope.callId)).size).toBe(1);
    expect(new Set(backend.envelopes.map((envelope) => envelope.inputId)).size).toBe(3);
  });

  it("calls nested in a body belong to the caller's tree", async () => {
    const tree = new App("tree");
    const leaf = tree.function("leaf", async (n: number) => n);
    const top = tree.function("top", async () => leaf.map([1, 2]).toArray());
    const backend = runInMemory(tree);
    expect(await top.remote()).toEqual([1, 2]);
    backend.stop();
    const [parent, ...children] = backend.backend.envelopes;
    expect(children.map(({ parent: by, root, depth }) => ({ by, root, depth }))).toEqual([
      { by: parent?.inputId, root: parent?.callId, depth: 1 },
      { by: parent?.inputId, root: parent?.callId, depth: 1 },
    ]);
  });

  it("can be iterated once", async () => {
    const results = double.map([1]);
    expect(await results.toArray()).toEqual([2]);
    const error = await errorOf(results.toArray());
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.message).toContain("iterated already");
  });

  it("answers several next() at once in order", async () => {
    const iterator = double.map([1, 2])[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map((step) => step.value)).toEqual([2, 4, undefined, undefined]);
    expect(steps.map((step) => step.done)).toEqual([false, false, true, true]);
  });

  it("refuses a string, a number and an unknown parameter in words", () => {
    expect(() => double.map("abc" as never)).toThrow(/"abc". It must be an iterable or async iterable, and not a string/);
    expect(() => double.map(3 as never)).toThrow(/the input is 3/);
    expect(() => double.map([1], { ordered: true } as never)).toThrow("`ordered` is now `orderOutputs`");
  });

  it("refuses a generator", async () => {
    const error = await errorOf(RemoteFunction.fromName("maps", "count").map([1]).toArray());
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.message).toContain("is a generator, which cannot be called by map");
    expect(count.name).toBe("count");
  });
});

describe("starmap", () => {
  it("gives each tuple's values as arguments", async () => {
    expect(
      await add
        .starmap([
          [1, 2],
          [3, 4],
        ])
        .toArray(),
    ).toEqual([3, 7]);
  });

  it("fails the input that is no list of arguments, with its index", async () => {
    const results = await add.starmap([[1, 2], 5 as never], { returnExceptions: true }).toArray();
    expect(results[0]).toBe(3);
    expect(String(results[1])).toContain("Input 1 of starmap is 5");
  });
});

describe("a failing input", () => {
  it("throws when its result is reached, after those before it", async () => {
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const n of odd.map([1, 3, 4, 5])) seen.push(n);
    };
    expect(await errorOf(loop())).toMatchObject({ name: "RangeError", message: "4 is even" });
    expect(seen).toEqual([1, 3]);
  });

  it("is given in the place of its result when exceptions are returned", async () => {
    const results = await odd.map([1, 2, 3], { returnExceptions: true }).toArray();
    expect(results[0]).toBe(1);
    expect(results[1]).toBeInstanceOf(RangeError);
    expect(results[2]).toBe(3);
  });

  it("that can't be sent fails alone", async () => {
    const results = await double.map([1, (() => 1) as never, 3], { returnExceptions: true }).toArray();
    expect(results[0]).toBe(2);
    expect(String(results[1])).toContain("args[0]");
    expect(results[2]).toBe(6);
  });

  it("that was lost runs again for free", async () => {
    let losses = 0;
    backend.intercept = ({ args }) => (args.text === "[2]" && losses++ < 3 ? { status: "lost", reason: "killed" } : undefined);
    expect(await double.map([1, 2, 3]).toArray()).toEqual([2, 4, 6]);
    expect(events.filter((event) => event.code === "INPUT_LOST")).toHaveLength(3);
  });

  it("cancels what is outstanding", async () => {
    const mixed = new App("mixed");
    const work = mixed.function("work", async (n: number) => {
      if (n === 0) throw new RangeError("first");
      await new Promise((resolve) => setTimeout(resolve, 10_000).unref());
    });
    const run = runInMemory(mixed);
    expect((await errorOf(work.map([0, 1, 2]).toArray())).message).toBe("first");
    run.stop();
    expect(run.backend.cancelled).toHaveLength(2);
  });
});

describe("a cancelled input", () => {
  const cancelled = (): AttemptResult => ({ status: "cancelled", error: encodeError(new InputCancelledError("its run has ended")) });

  it.each([true, false])("ends the iteration also when exceptions are returned (ordered: %s)", async (orderOutputs) => {
    backend.intercept = ({ args }) => (args.text === "[3]" ? cancelled() : undefined);
    const seen: unknown[] = [];
    const loop = async (): Promise<void> => {
      for await (const n of double.map([1, 2, 3, 4], { returnExceptions: true, orderOutputs })) seen.push(n);
    };
    const error = await errorOf(loop());
    expect(error).toBeInstanceOf(InputCancelledError);
    expect(error.message).toBe("its run has ended");
    expect(seen.filter((n) => typeof n !== "number")).toEqual([]);
  });

  it("ends forEach also when failures are ignored", async () => {
    backend.intercept = cancelled;
    expect(await errorOf(double.forEach([1, 2], { ignoreExceptions: true }))).toBeInstanceOf(InputCancelledError);
  });

  it("is no other than one that finds its backend closed", async () => {
    const closing = new App("closing");
    const work = closing.function("work", async (n: number) => n);
    const run = runInMemory(closing);
    const { invoke } = run.backend.functions;
    Object.assign(run.backend.functions, {
      invoke: async (...given: Parameters<typeof invoke>) => {
        if (given[1].args.text === "[2]") throw new ClientClosedError("The run has ended.");
        return await invoke(...given);
      },
    });
    expect(await errorOf(work.map([1, 2, 3], { returnExceptions: true }).toArray())).toBeInstanceOf(ClientClosedError);
    run.stop();
  });

  it("is one whose Function threw such an error by itself no more than any other failure", async () => {
    const throwing = new App("throwing");
    const work = throwing.function("work", async (_: number) => {
      throw new InputCancelledError("thrown by hand");
    });
    const run = runInMemory(throwing);
    expect(await work.map([1], { returnExceptions: true }).toArray()).toEqual([expect.any(InputCancelledError)]);
    run.stop();
  });
});

describe("an error of the input iterator", () => {
  function* broken(): Generator<number> {
    yield 1;
    yield 3;
    throw new TypeError("no more");
  }

  it("is thrown as it is, after the results before it", async () => {
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const n of odd.map(broken())) seen.push(n);
    };
    expect(await errorOf(loop())).toMatchObject({ name: "TypeError", message: "no more" });
    expect(seen).toEqual([1, 3]);
  });

  it("is thrown also when exceptions are returned, and by async iterators", async () => {
    async function* brokenLater() {
      yield* broken();
    }
    expect((await errorOf(odd.map(brokenLater(), { returnExceptions: true }).toArray())).message).toBe("no more");
    expect((await errorOf(odd.map(broken(), { orderOutputs: false }).toArray())).message).toBe("no more");
  });
});

describe("ending early", () => {
  it("by break cancels what is outstanding and closes the inputs", async () => {
    const state = { taken: 0, closed: false };
    backend.intercept = undefined;
    const mixed = new App("early");
    const work = mixed.function("work", async (n: number) => (n === 1 ? n : new Promise<number>(() => undefined)));
    const run = runInMemory(mixed);
    for await (const n of work.map(naturals(state))) {
      expect(n).toBe(1);
      break;
    }
    run.stop();
    expect(state.closed).toBe(true);
    expect(run.backend.cancelled.length).toBe(run.backend.envelopes.length - 1);
    expect(run.backend.load.now).toBeLessThanOrEqual(run.backend.envelopes.length);
  });

  it("does not wait for an async input that is stuck", async () => {
    async function* stuck() {
      yield 1;
      await new Promise(() => undefined);
    }
    for await (const n of double.map(stuck())) {
      expect(n).toBe(2);
      break;
    }
  });

  it("by a signal rejects at once with its reason as cause", async () => {
    const controller = new AbortController();
    const results = never.with({ signal: controller.signal }).map([1, 2, 3]).toArray();
    setTimeout(() => controller.abort("enough"), 5);
    const error = await errorOf(results);
    expect(error).toBeInstanceOf(InputCancelledError);
    expect(error.cause).toBe("enough");
    expect(backend.cancelled).toHaveLength(3);
  });

  it("by timeoutMs rejects with OutputTimeoutError", async () => {
    expect(await errorOf(never.with({ timeoutMs: 10 }).map([1]).toArray())).toBeInstanceOf(OutputTimeoutError);
  });
});

describe("forEach", () => {
  it("waits for all and gives nothing", async () => {
    expect(await double.forEach([1, 2, 3])).toBeUndefined();
    expect(backend.envelopes).toHaveLength(3);
  });

  it("rejects with the first failure, unless failures are ignored", async () => {
    expect((await errorOf(odd.forEach([1, 2, 3]))).message).toBe("2 is even");
    await odd.forEach([1, 2, 3], { ignoreExceptions: true });
  });
});

describe("progress", () => {
  it("is told with the number of inputs, and once at the end", async () => {
    await odd.map([1, 2, 3], { returnExceptions: true }).toArray();
    const told = events.filter((event) => event.code === "MAP_PROGRESS");
    expect(told.at(-1)).toEqual({
      code: "MAP_PROGRESS",
      app: "maps",
      fn: "odd",
      call: expect.stringMatching(/^fc-/),
      done: 3,
      failed: 1,
      total: 3,
      finished: true,
    });
    expect(told.filter((event) => event.finished)).toHaveLength(1);
  });

  it("is told seldom", async () => {
    await double.map(Array.from({ length: 2_000 }, (_, index) => index)).toArray();
    expect(events.filter((event) => event.code === "MAP_PROGRESS").length).toBeLessThan(30);
  });
});
