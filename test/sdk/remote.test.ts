import { getEventListeners } from "node:events";
import { inspect } from "node:util";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import {
  App,
  currentAttempt,
  currentFunctionCallId,
  currentInputId,
  currentInputSignal,
  FunctionCall,
  RemoteFunction,
} from "../../src/sdk/index.ts";
import {
  CallDepthError,
  InputCancelledError,
  InternalFailure,
  InvalidError,
  NotFoundError,
  OutputTimeoutError,
  SerializationError,
} from "../../src/model/errors.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import { encodeError } from "../../src/wire/error-codec.ts";
import { errorOf, runInMemory } from "./backend.ts";

const app = new App("calls", { maxCallDepth: 5 });
const greet = app.function("greet", async (name: string, mark = "!") => `hello ${name}${mark}`);
const sum = app.function("sum", (...numbers: number[]) => numbers.reduce((a, b) => a + b, 0));
const flaky = app.function("flaky", { retries: { maxRetries: 2, initialDelayMs: 1_000 } }, async (succeedsAt: number) => {
  const attempt = currentAttempt() ?? 0;
  if (attempt < succeedsAt) throw new RangeError(`attempt ${attempt}`);
  return attempt;
});
const fails = app.function("fails", async () => {
  throw new RangeError("always");
});
const stuck = app.function("stuck", async () => new Promise<string>(() => undefined));
const nest = app.function("nest", async (levels: number): Promise<number> => (levels === 0 ? 0 : 1 + (await nest.remote(levels - 1))));
const outer = app.function("outer", async () => stuck.remote());
const count = app.function("count", async function* (to: number) {
  for (let i = 0; i < to; i++) yield i;
  return "done";
});
const broken = app.function("broken", async function* () {
  yield 1;
  throw new RangeError("after one");
});
const relay = app.function("relay", async (fn: RemoteFunction<(name: string) => Promise<string>>) => fn.remote("relay"));
const who = app.function("who", async () => ({
  call: currentFunctionCallId(),
  input: currentInputId(),
  aborted: currentInputSignal().aborted,
}));

const { backend, events, stop } = runInMemory(app);
afterAll(stop);
beforeEach(() => {
  backend.envelopes.length = 0;
  backend.cancelled.length = 0;
  backend.intercept = undefined;
  events.length = 0;
});

describe("remote", () => {
  it("calls async and plain functions and gives their results", async () => {
    expect(await greet.remote("you")).toBe("hello you!");
    expect(await sum.remote(1, 2, 3)).toBe(6);
  });

  it("can be passed on without its handle", async () => {
    const { remote } = greet;
    expect(await Promise.all(["a", "b"].map((name) => remote(name)))).toEqual(["hello a!", "hello b!"]);
  });

  it("sends a copy: the caller's object stays as it is", async () => {
    const change = app.functions.get("greet");
    expect(change?.local).toBe(greet.local);
    expect(await greet.local("me")).toBe("hello me!");
    expect(backend.envelopes).toEqual([]);
  });

  it("makes an envelope of its own for each call", async () => {
    await Promise.all([greet.remote("a"), greet.remote("b")]);
    const [first, second] = backend.envelopes;
    expect(first).toEqual({
      v: 1,
      callId: first?.callId,
      inputId: first?.inputId,
      attempt: 1,
      args: encode(["a"]),
      root: first?.callId,
      depth: 0,
    });
    expect(first?.callId).toMatch(/^fc-/);
    expect(first?.inputId).toMatch(/^in-/);
    expect(second?.callId).not.toBe(first?.callId);
  });

  it("rejects with the remote error's own class", async () => {
    const error = await errorOf(flaky.with({ callId: "order-1" }).remote(9));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("attempt 3");
    expect(backend.envelopes.map(({ callId, attempt }) => [callId, attempt])).toEqual([
      ["order-1", 1],
      ["order-1", 2],
      ["order-1", 3],
    ]);
  });

  it.each([
    ["plain", () => fails.remote()],
    ["with settings", () => fails.with({ timeoutMs: 60_000 }).remote()],
    ["that was spawned", async () => (await fails.spawn()).get()],
  ])("gives the error of a call %s the frames of its caller", async (_, call) => {
    async function theCaller(): Promise<void> {
      await call();
    }
    const { stack = "" } = await errorOf(theCaller());
    expect(stack.split("at [remote call]")[1]).toMatch(/at (?:async )?theCaller/);
  });

  it("repeats a failed attempt by the policy and says so", async () => {
    expect(await flaky.remote(2)).toBe(2);
    expect(events).toEqual([
      {
        code: "INPUT_RETRIED",
        app: "calls",
        fn: "flaky",
        call: backend.envelopes[0]?.callId,
        attempt: 1,
        delayMs: 1_000,
        error: "RangeError: attempt 1",
      },
    ]);
  });

  it("repeats a timed-out attempt as well", async () => {
    backend.intercept = ({ attempt }) => (attempt === 1 ? { status: "timed-out", error: encodeError(new RangeError("slow")) } : undefined);
    expect(await flaky.remote(1)).toBe(2);
  });

  it("repeats a lost attempt for free, under its own number, at most 8 times", async () => {
    let losses = 0;
    backend.intercept = () => (losses++ < 8 ? { status: "lost", reason: "killed by SIGKILL" } : undefined);
    expect(await greet.remote("you")).toBe("hello you!");
    expect(new Set(backend.envelopes.map((envelope) => envelope.attempt))).toEqual(new Set([1]));
    backend.intercept = () => ({ status: "lost", reason: "killed by SIGKILL" });
    const error = await errorOf(greet.remote("you"));
    expect(error).toBeInstanceOf(InternalFailure);
    expect(error.message).toContain("killed by SIGKILL");
    expect(backend.envelopes).toHaveLength(9 + 9);
  });

  it("waits for room when an attempt could not start", async () => {
    let refusals = 0;
    backend.intercept = () => (refusals++ < 20 ? { status: "not-started", reason: "no room", retryAfterMs: 1 } : undefined);
    expect(await greet.remote("you")).toBe("hello you!");
    expect(backend.envelopes).toHaveLength(21);
  });

  it("never repeats a cancelled attempt", async () => {
    backend.intercept = () => ({ status: "cancelled", error: encodeError(new InputCancelledError("stopped")) });
    expect(await errorOf(flaky.remote(1))).toBeInstanceOf(InputCancelledError);
    expect(backend.envelopes).toHaveLength(1);
  });

  it("rejects, and does not throw, for arguments that can't be sent, with the path", async () => {
    const error = await errorOf(greet.remote({ rows: [{ callback: () => 1 }] } as never));
    expect(error).toBeInstanceOf(SerializationError);
    expect(error.message).toContain("args[0].rows[0].callback");
  });

  it("of a generator is refused in words", async () => {
    const error = await errorOf(RemoteFunction.fromName("calls", "count").remote(3));
    expect(error).toBeInstanceOf(InvalidError);
    expect(error.message).toBe('Function "count" of App "calls" is a generator, which cannot be called by remote.');
    expect(error.hint).toBe("Call it by remoteGen.");
  });
});

describe("with", () => {
  it("rejects at once when its signal aborts, with the reason as cause, and the input is cancelled", async () => {
    const controller = new AbortController();
    const reason = new TypeError("the user left");
    setTimeout(() => controller.abort(reason), 5);
    const error = await errorOf(stuck.with({ signal: controller.signal }).remote());
    expect(error).toBeInstanceOf(InputCancelledError);
    expect(error.cause).toBe(reason);
    expect(backend.cancelled).toEqual([backend.envelopes[0]?.inputId]);
  });

  it("does not call when its signal has aborted before", async () => {
    expect(await errorOf(greet.with({ signal: AbortSignal.abort("no") }).remote("you"))).toMatchObject({
      name: "InputCancelledError",
      cause: "no",
    });
    expect(backend.envelopes).toEqual([]);
  });

  it("may be given one signal for many calls", async () => {
    const { signal } = new AbortController();
    const calm = greet.with({ signal });
    await Promise.all(Array.from({ length: 50 }, () => calm.remote("you")));
    expect(getEventListeners(signal, "abort").length).toBeLessThanOrEqual(1);
  });

  it("gives up after timeoutMs, cancels the input, and sends the deadline along", async () => {
    const before = Date.now();
    const error = await errorOf(stuck.with({ timeoutMs: 20 }).remote());
    expect(error).toBeInstanceOf(OutputTimeoutError);
    expect(backend.cancelled).toHaveLength(1);
    expect(backend.envelopes[0]?.deadline).toBeGreaterThanOrEqual(before + 20);
  });

  it("ends a wait between attempts too", async () => {
    backend.intercept = () => ({ status: "not-started", reason: "no room", retryAfterMs: 60_000 });
    expect(await errorOf(greet.with({ timeoutMs: 20 }).remote("you"))).toBeInstanceOf(OutputTimeoutError);
    await new Promise((resolve) => setImmediate(resolve));
    expect(backend.envelopes).toHaveLength(1);
  });

  it("keeps what was set before", async () => {
    await errorOf(stuck.with({ callId: "order-7" }).with({ timeoutMs: 5 }).remote());
    expect(backend.envelopes[0]?.callId).toBe("order-7");
  });

  it("refuses settings that are wrong or unknown", () => {
    expect(() => greet.with({ timeoutMs: 0 })).toThrow("timeoutMs is 0");
    expect(() => greet.with({ signal: {} as never })).toThrow("must be an AbortSignal");
    expect(() => greet.with({ callId: "a b" })).toThrow("Invalid call id");
    expect(() => greet.with({ timeout: 5 } as never)).toThrow("`timeout` is now `timeoutMs`");
  });
});

describe("a call made inside a body", () => {
  it("continues the tree", async () => {
    expect(await nest.remote(2)).toBe(2);
    const [top, middle, leaf] = backend.envelopes;
    expect([middle?.parent, middle?.root, middle?.depth]).toEqual([top?.inputId, top?.callId, 1]);
    expect([leaf?.parent, leaf?.root, leaf?.depth]).toEqual([middle?.inputId, top?.callId, 2]);
  });

  it("keeps the caller's deadline", async () => {
    await nest.with({ timeoutMs: 60_000 }).remote(1);
    expect(backend.envelopes[1]?.deadline).toBe(backend.envelopes[0]?.deadline);
  });

  it("is refused deeper than the App allows", async () => {
    expect(await nest.remote(5)).toBe(5);
    const error = await errorOf(nest.remote(6));
    expect(error).toBeInstanceOf(CallDepthError);
    expect(error.message).toContain("nest 6 deep");
  });

  it("is cancelled with the input that makes it", async () => {
    const controller = new AbortController();
    const call = outer.with({ signal: controller.signal }).remote();
    setTimeout(() => controller.abort(), 5);
    await errorOf(call);
    await new Promise((resolve) => setImmediate(resolve));
    expect(new Set(backend.cancelled)).toEqual(new Set(backend.envelopes.map((envelope) => envelope.inputId)));
    expect(backend.envelopes).toHaveLength(2);
  });

  it("can see who it is", async () => {
    const seen = await who.remote();
    expect(seen).toEqual({ call: backend.envelopes[0]?.callId, input: backend.envelopes[0]?.inputId, aborted: false });
    expect([currentFunctionCallId(), currentInputId(), currentAttempt(), currentInputSignal().aborted]).toEqual([
      undefined,
      undefined,
      undefined,
      false,
    ]);
  });
});

describe("remoteGen", () => {
  it("gives items, then the returned value", async () => {
    const items = count.remoteGen(2);
    expect(await items.next()).toEqual({ value: 0, done: false });
    expect(await items.next()).toEqual({ value: 1, done: false });
    expect(await items.next()).toEqual({ value: "done", done: true });
  });

  it("gives the items before a failure", async () => {
    const seen: number[] = [];
    const loop = async (): Promise<void> => {
      for await (const item of broken.remoteGen()) seen.push(item);
    };
    expect((await errorOf(loop())).message).toBe("after one");
    expect(seen).toEqual([1]);
  });

  it("ends the generator when the loop ends", async () => {
    for await (const item of count.remoteGen(1_000)) if (item === 3) break;
    expect(backend.load.now).toBe(0);
  });

  it("starts again when it was lost before its first item", async () => {
    let losses = 0;
    backend.intercept = () => (losses++ < 2 ? { status: "lost", reason: "killed" } : undefined);
    expect((await count.remoteGen(1).next()).value).toBe(0);
    expect(events.map((event) => event.code)).toEqual(["INPUT_LOST", "INPUT_LOST"]);
  });

  it("of a function that is no generator is refused in words", async () => {
    const error = await errorOf(RemoteFunction.fromName<typeof count>("calls", "greet").remoteGen(1).next());
    expect(error.message).toBe('Function "greet" of App "calls" is no generator, so it has no remoteGen.');
  });

  it("rejects at once when its signal aborts", async () => {
    const controller = new AbortController();
    const items = count.with({ signal: controller.signal }).remoteGen(5);
    await items.next();
    controller.abort("enough");
    expect(await errorOf(items.next())).toMatchObject({ name: "InputCancelledError", cause: "enough" });
  });
});

describe("spawn", () => {
  it("is found by its id in the process that runs its App, and an unknown one is said to be unknown", async () => {
    const { functionCallId } = await greet.spawn("you");
    expect(await FunctionCall.fromId<string>(functionCallId).get()).toBe("hello you!");
    expect(await errorOf(FunctionCall.fromId("fc-0000000000000000000000").get({ timeoutMs: 0 }))).toMatchObject({ code: "NOT_FOUND" });
  });

  it("gives a handle whose outcome can be asked for again, from its id too", async () => {
    const call = await greet.spawn("you");
    expect(call.functionCallId).toMatch(/^fc-/);
    expect(await call.get()).toBe("hello you!");
    expect(await call.get({ timeoutMs: 1_000 })).toBe("hello you!");
    const mistyped = { timeout: 5 } as object;
    expect(await errorOf(call.get(mistyped))).toMatchObject({ code: "INVALID", message: "get: `timeout` is now `timeoutMs`." });
    expect(await errorOf(call.cancel(mistyped))).toMatchObject({
      code: "INVALID",
      message: "cancel: there is no option `timeout`. The options are terminateContainers.",
    });
  });

  it("takes the caller's id once", async () => {
    const first = await greet.with({ callId: "order-8" }).spawn("first");
    const second = await greet.with({ callId: "order-8" }).spawn("first");
    expect(await FunctionCall.gather(first, second)).toEqual(["hello first!", "hello first!"]);
  });

  it("is found again by the Function and the caller's id, which is no id of a call", async () => {
    const call = await greet.with({ callId: "order-9" }).spawn("you");
    const found = await greet.spawned("order-9");
    expect(found.functionCallId).toBe(call.functionCallId);
    expect(await found.get()).toBe("hello you!");
    expect(await errorOf((await greet.spawned("order-10")).get({ timeoutMs: 0 }))).toMatchObject({ code: "NOT_FOUND" });
    expect(() => FunctionCall.fromId("order-9")).toThrow('Invalid id of a call: "order-9"');
    expect(await errorOf(greet.spawned("a b"))).toMatchObject({ code: "INVALID" });
  });

  it("can be cancelled", async () => {
    const call = await stuck.spawn();
    expect(await errorOf(call.get({ timeoutMs: 0 }))).toBeInstanceOf(OutputTimeoutError);
    await call.cancel();
    expect(await errorOf(call.get())).toBeInstanceOf(InputCancelledError);
  });

  it("of a generator, or with settings that mean nothing, is refused", async () => {
    expect((await errorOf(RemoteFunction.fromName("calls", "count").spawn(1))).message).toContain("cannot be called by spawn");
    expect((await errorOf(greet.with({ timeoutMs: 5 }).spawn("you"))).message).toContain("spawned with a timeoutMs");
  });
});

describe("a handle", () => {
  it("by name calls the same Function, and is lazy", async () => {
    const byName = RemoteFunction.fromName<typeof greet>("calls", "greet");
    expect(await byName.remote("you", "?")).toBe("hello you?");
    const missing = RemoteFunction.fromName("calls", "gret");
    const error = await errorOf(missing.remote());
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.hint).toBe('Write "greet" if that is the one you mean.');
    expect(() => RemoteFunction.fromName("a b", "greet")).toThrow("Invalid App name");
  });

  it("travels as an argument", async () => {
    expect(await relay.remote(greet)).toBe("hello relay!");
    const back = decode(encode({ fn: greet, call: FunctionCall.fromId("fc-1") })) as { fn: RemoteFunction; call: FunctionCall };
    expect(back.fn).toBeInstanceOf(RemoteFunction);
    expect([back.fn.app, back.fn.name, back.call.functionCallId]).toEqual(["calls", "greet", "fc-1"]);
  });

  it("says what it is when printed, and refuses JSON", () => {
    expect(String(greet)).toBe("Function(calls/greet)");
    expect(inspect({ fn: greet })).toBe("{ fn: Function(calls/greet) }");
    expect(() => JSON.stringify(greet)).toThrow("can't be turned into JSON");
    expect(inspect(FunctionCall.fromId("fc-1"))).toBe("FunctionCall(fc-1)");
    expect(inspect(app)).toBe("App(calls)");
  });

  it("is not thenable and has no constructor", async () => {
    expect("then" in greet).toBe(false);
    expect(await Promise.resolve(greet)).toBe(greet);
    expect(() => new (RemoteFunction as unknown as new () => unknown)()).toThrow("has no constructor");
  });
});
