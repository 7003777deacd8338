import { afterEach, describe, expect, it } from "vitest";
import { App } from "../../src/sdk/index.ts";
import { OutputTimeoutError, ResourceExhaustedError } from "../../src/model/errors.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { FunctionsPort } from "../../src/ports/functions.ts";
import { runInMemory } from "./backend.ts";

/** Inputs that the account lets run at the same time, as a new account of Lambda has it. */
const CONCURRENCY = 10;
const FULL: AttemptResult = { status: "not-started", reason: "no room", retryAfterMs: 5, noRoom: true };

describe("a call inside a body, where the account has no room", () => {
  const app = new App("nested");
  const child = app.function("child", async (n: number) => n * 2);
  const parent = app.function("parent", { timeoutMs: 20_000 }, async (n: number) => child.remote(n));
  let absent = CONCURRENCY;
  let allHere = (): void => undefined;
  const together = new Promise<void>((resolve) => (allHere = resolve));
  const oneOfTen = app.function("one-of-ten", { timeoutMs: 20_000 }, async (n: number) => {
    if (--absent === 0) allHere();
    await together;
    return child.remote(n);
  });
  const parentOfMany = app.function("parent-of-many", { timeoutMs: 20_000 }, async (n: number) =>
    child.map(Array.from({ length: n }, (_, i) => i)).toArray(),
  );
  let stop: () => void = () => undefined;
  afterEach(() => stop());

  /** Runs the App in an account with so much room; says how the calls came. */
  function account(room: number, limits: { refusedMs: number; unstartedMs: number }) {
    const ran = runInMemory(app);
    stop = ran.stop;
    const functions = ran.backend.functions as FunctionsPort & { invoke: FunctionsPort["invoke"] };
    const { invoke } = functions;
    const seen = { running: 0, most: 0, refused: 0 };
    Object.assign(functions, {
      farCaller: { longestHeldMs: 300_000, firstWindow: 10, containerWindow: 400, ...limits },
      async invoke(...args: Parameters<FunctionsPort["invoke"]>): Promise<AttemptResult> {
        if (seen.running >= room) {
          seen.refused++;
          return FULL;
        }
        seen.most = Math.max(seen.most, ++seen.running);
        try {
          return await invoke(...args);
        } finally {
          seen.running--;
        }
      },
    });
    return { ...ran, seen };
  }

  it("waits as a durable call, and has its result when there is room", async () => {
    const { backend, seen } = account(2, { refusedMs: 50, unstartedMs: 60_000 });
    // The one place beside the parent is taken until the child has been spawned.
    let leave = (): void => undefined;
    const taken = new Promise<void>((resolve) => (leave = resolve));
    seen.running++;
    void taken.then(() => seen.running--);
    const result = parent.remote(21);
    await expect.poll(() => seen.refused).toBeGreaterThan(3);
    setTimeout(leave, 200);
    expect(await result).toBe(42);
    const [, ofChild] = backend.envelopes;
    // Who was refused is not this call: its rows were written.
    expect((await backend.calls.status(ofChild!.callId)).state).toBe("succeeded");
    expect(backend.envelopes.length).toBe(2);
  });

  it("keeps the outcome of one that ended while it was given up", async () => {
    const { backend, seen } = account(2, { refusedMs: 50, unstartedMs: 100 });
    const get = backend.calls.get;
    // The caller's time is up in the very moment in which the outcome comes.
    backend.calls.get = async (callId, params) => {
      const outcome = await get(callId);
      if (params?.timeoutMs !== undefined) throw new OutputTimeoutError("Too late.");
      return outcome;
    };
    let leave = (): void => undefined;
    const taken = new Promise<void>((resolve) => (leave = resolve));
    seen.running++;
    void taken.then(() => seen.running--);
    const result = parent.remote(4);
    await expect.poll(() => seen.refused).toBeGreaterThan(3);
    setTimeout(leave, 200);
    expect(await result).toBe(8);
  });

  it("ends all ten of ten parents that hold the account's ten places: some are told why, which lets the others go on", async () => {
    const { seen } = account(CONCURRENCY, { refusedMs: 50, unstartedMs: 300 });
    const ends = await Promise.allSettled(Array.from({ length: CONCURRENCY }, (_, n) => oneOfTen.remote(n)));
    expect(seen.most).toBe(CONCURRENCY);
    const failed = ends.filter((end) => end.status === "rejected");
    for (const { reason } of failed as PromiseRejectedResult[]) {
      expect(reason).toBeInstanceOf(ResourceExhaustedError);
      expect((reason as Error).message).toMatch(/had no room.*the account's concurrency, which is 10 for a new account/);
    }
    expect(failed.length).toBeGreaterThan(0);
    for (const [n, end] of ends.entries()) if (end.status === "fulfilled") expect(end.value).toBe(n * 2);
  });

  it("holds for each input of a map as well", async () => {
    const { seen } = account(2, { refusedMs: 20, unstartedMs: 60_000 });
    expect(await parentOfMany.remote(30)).toEqual(Array.from({ length: 30 }, (_, n) => n * 2));
    expect(seen.refused).toBeGreaterThan(0);
  });

  it("from outside it is asked for again, and never spawned", async () => {
    const { backend, seen } = account(0, { refusedMs: 10, unstartedMs: 10 });
    const result = child.with({ timeoutMs: 300 }).remote(1);
    await expect(result).rejects.toThrow("had no outcome after 300 ms");
    expect(seen.refused).toBeGreaterThan(5);
    expect(backend.envelopes).toEqual([]);
  });
});
