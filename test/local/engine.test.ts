import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { newInputId } from "../../src/model/ids.ts";
import { linesOf, openOddEngine, valueOf, type OddEngine } from "./odd-engine.ts";

let odd: OddEngine;
beforeAll(async () => {
  odd = await openOddEngine();
});
afterAll(() => odd.close());

describe("a container that ends", () => {
  it("is known to be gone though a process it started holds its pipes", async () => {
    expect(await odd.invoke("dieWithHeir", [])).toMatchObject({ status: "lost" });
  });

  it("does not keep its engine from closing when such a process lives on", async () => {
    const own = await openOddEngine();
    expect(valueOf(await own.invoke("leaveHeir", []))).toBe("done");
    await own.close();
  });

  it("by process.exit fails its input, however much it wrote before", async () => {
    const result = await odd.invoke("writeThenExit", [3_000]);
    expect(result).toMatchObject({ status: "failed", error: { className: "ProcessExitError", message: expect.stringMatching(/\b3\b/) } });
  });

  it("by broken frames loses its input", async () => {
    expect(await odd.invoke("scribble", [])).toMatchObject({ status: "lost" });
  });

  it("by closing its channel loses its input", async () => {
    expect(await odd.invoke("closeChannel", [])).toMatchObject({ status: "lost" });
  });

  it("in the middle of a stream ends the stream as lost, after the items it made", async () => {
    const items = odd.stream("countThenDie", [10]);
    const seen: unknown[] = [];
    for (;;) {
      const next = await items.next();
      if (next.done === true) {
        expect(next.value).toMatchObject({ status: "lost" });
        break;
      }
      seen.push(JSON.parse(next.value.text));
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("takes the calls along that its inputs wait for", async () => {
    expect(await odd.invoke("callSleepThenDie", [])).toMatchObject({ status: "lost" });
    await expect.poll(() => odd.engine.active, { timeout: 10_000 }).toBe(0);
  });
});

describe("a module that goes wrong while it loads", () => {
  it.each([
    ["moduleExits", { status: "failed", error: { className: "ProcessExitError" } }],
    ["moduleThrows", { status: "failed", error: { className: "RangeError" } }],
    ["moduleRejects", { status: "failed", error: { className: "RangeError" } }],
    ["moduleSpins", { status: "timed-out", error: { className: "FunctionTimeoutError" } }],
    ["moduleCrashes", { status: "failed", error: { className: "InternalFailure" } }],
  ])("%s", async (name, result) => {
    expect(await odd.invoke(name, [])).toMatchObject(result);
  });
});

describe("what an input leaves behind", () => {
  it("does not cost the next one its result when it throws", async () => {
    await odd.invoke("throwAfter", ["leave"]);
    expect(await odd.invoke("throwAfter", ["work"])).toMatchObject({ status: "succeeded" });
  });

  it("loses the next one, but does not fail it, when it ends the process", async () => {
    await odd.invoke("exitAfter", ["leave"]);
    expect(await odd.invoke("exitAfter", ["work"])).toMatchObject({ status: "lost" });
  });
});

describe("an input that comes again", () => {
  it("goes before those that have not started, after its retry and after a loss, in the order of the coming", async () => {
    const order: unknown[] = [];
    const note = async (result: Promise<unknown>): Promise<unknown> => order.push(await result);
    const fresh = async (what: string): Promise<unknown> => note(odd.invoke("oneOrDie", [what]).then(valueOf));

    const inputId = newInputId();
    const lost = odd.attempt("oneOrDie", ["die"], 1, inputId);
    const others = Array.from({ length: 6 }, (_, n) => fresh(`fresh ${n}`));
    expect(await lost).toMatchObject({ status: "lost" });
    await Promise.all([
      note(odd.attempt("oneOrDie", ["lost"], 1, inputId).then(valueOf)),
      note(odd.attempt("oneOrDie", ["retried"], 2, newInputId()).then(valueOf)),
      ...others,
    ]);

    // One may have started while the container of the lost one was being replaced.
    expect(order.filter((what) => what !== "fresh 0")).toEqual(["lost", "retried", "fresh 1", "fresh 2", "fresh 3", "fresh 4", "fresh 5"]);
  });
});

describe("containers for one input", () => {
  it("take one each", async () => {
    const results = await Promise.all(Array.from({ length: 24 }, () => odd.invoke("pid", [])));
    expect(results.filter((result) => result.status !== "succeeded")).toEqual([]);
    expect(new Set(results.map(valueOf)).size).toBe(24);
  });
});

describe("values", () => {
  it("of many byte arrays pass", async () => {
    const value = valueOf(await odd.invoke("manyBuffers", [70_000]));
    expect(value).toHaveLength(70_000);
  });
});

describe("output", () => {
  it("that has no line end is seen while its input runs", async () => {
    const controller = new AbortController();
    const result = odd.invoke("writeWithoutEnd", [], controller.signal);
    await expect
      .poll(() => linesOf(odd.events).filter((line) => line.startsWith("xxx") && line.length > 1_000).length, { timeout: 20_000 })
      .toBeGreaterThan(0);
    controller.abort();
    await result;
  });

  it("keeps characters whole that come in pieces", async () => {
    await odd.invoke("halfCharacters", []);
    expect(linesOf(odd.events)).toContain("grüße");
  });
});

describe("a generator", () => {
  it("cleans up when an item can't be sent", async () => {
    const next = await odd.stream("cleanUp", ["unsendable"]).next();
    expect(next).toMatchObject({ done: true, value: { status: "failed", error: { className: "SerializationError" } } });
    expect(linesOf(odd.events).filter((line) => line === "cleaned up in its container")).toHaveLength(1);
  });

  it("cleans up when its consumer goes away while it waits for credit", async () => {
    const items = odd.stream("cleanUp", ["endless"]);
    await items.next();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await items.return({ status: "lost", reason: "unused" });
    await expect.poll(() => odd.engine.active, { timeout: 10_000 }).toBe(0);
    expect(linesOf(odd.events).filter((line) => line === "cleaned up in its container")).toHaveLength(2);
  });

  it("gives its slot to others while its consumer takes no items", async () => {
    const own = await openOddEngine({ slots: 1 });
    const items = own.stream("count", [200]);
    await items.next();
    expect(valueOf(await own.invoke("echo", ["hi"]))).toBe("hi");
    let left = 0;
    while ((await items.next()).done !== true) left++;
    expect(left).toBe(199);
    await own.close();
  }, 20_000);
});

describe("an input that is cancelled", () => {
  const cancelAfter = async (name: string, args: readonly unknown[], ms: number): Promise<unknown> => {
    const controller = new AbortController();
    const result = odd.invoke(name, args, controller.signal);
    await new Promise((resolve) => setTimeout(resolve, ms));
    controller.abort();
    return (await result).status;
  };

  it("before it is handed over, while it runs, and while it blocks settles as cancelled", async () => {
    expect(await odd.invoke("one", [0])).toMatchObject({ status: "succeeded" });
    const first = odd.invoke("one", [600]);
    await expect(cancelAfter("one", [1], 100)).resolves.toBe("cancelled");
    await first;
    await expect(cancelAfter("sleep", [20_000], 300)).resolves.toBe("cancelled");
    await expect(cancelAfter("block", [20_000], 500)).resolves.toBe("cancelled");
    expect(valueOf(await odd.invoke("block", [1]))).toBe(1);
  });
});

describe("an engine that closes", () => {
  it("settles what runs, what waits, and what a start is under way for", async () => {
    const own = await openOddEngine();
    const results = ["sleep", "one", "one", "block", "callSleep"].map((name) => own.invoke(name, [5_000]));
    results.push(own.invoke("echo", [1]));
    await own.invoke("pid", []);
    results.push(own.invoke("pid", []));
    await own.close();
    for (const result of await Promise.all(results)) expect(["cancelled", "succeeded"]).toContain(result.status);
    expect(own.engine.active).toBe(0);
  });
});

describe("containers that can't be started", () => {
  it("fail what waits for them with the reason", async () => {
    const own = await openOddEngine({ cwd: "/nowhere/at/all" });
    expect(await own.invoke("echo", [1])).toMatchObject({
      status: "failed",
      error: { className: "InternalFailure", message: expect.stringContaining("/nowhere/at/all") },
    });
    await own.close();
  });

  it("are asked for by name only", async () => {
    await expect(odd.invoke("constructor", [])).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
