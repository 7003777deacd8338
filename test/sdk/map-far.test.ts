import { afterAll, describe, expect, it } from "vitest";
import { App } from "../../src/sdk/index.ts";
import { runInMemory } from "./backend.ts";

describe("map over a network", () => {
  const far = new App("far");
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const slow = far.function("slow", async (n: number) => {
    await opened;
    await new Promise((resolve) => setTimeout(resolve, 5));
    return n;
  });
  const long = far.function("long", { timeoutMs: 301_000 }, async (n: number) => n * 2);
  const backend = runInMemory(far);
  const { functions, load } = backend.backend;
  Object.assign(functions, {
    farCaller: { longestHeldMs: 300_000, firstWindow: 10, containerWindow: 400, refusedMs: 5_000, unstartedMs: 120_000 },
  });
  afterAll(backend.stop);

  it("has few inputs under way at first, and more with each that comes back", async () => {
    const results = slow.map(Array.from({ length: 400 }, (_, n) => n));
    const iterator = results[Symbol.asyncIterator]();
    const first = iterator.next();
    await new Promise((resolve) => setImmediate(resolve));
    expect(load.now).toBe(10);
    open();
    expect(await first).toEqual({ value: 0, done: false });
    for (let n = 1; n < 400; n++) expect(await iterator.next()).toEqual({ value: n, done: false });
    expect(load.most).toBeGreaterThan(40);
    expect(load.most).toBeLessThanOrEqual(210);
  });

  it("has fewer after it was told that there is no room, and all results", async () => {
    let refused = 0;
    backend.backend.intercept = () => (refused++ < 8 ? { status: "not-started", reason: "no room", retryAfterMs: 1 } : undefined);
    load.most = 0;
    expect(await slow.map(Array.from({ length: 12 }, (_, n) => n)).toArray()).toEqual(Array.from({ length: 12 }, (_, n) => n));
    backend.backend.intercept = undefined;
  });

  it("spawns what takes longer than a connection is held, each input as a call of its own", async () => {
    backend.backend.envelopes.length = 0;
    expect(await long.map([1, 2, 3]).toArray()).toEqual([2, 4, 6]);
    expect(await long.remote(4)).toBe(8);
    const ids = backend.backend.envelopes.map(({ callId }) => callId);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect((await backend.backend.calls.get(id)).status).toBe("succeeded");
  });
});
