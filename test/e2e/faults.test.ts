import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FunctionTimeoutError, InputCancelledError, InternalFailure, InvalidError, ProcessExitError, type AppRun } from "tenon";
import * as faults from "../fixtures/faults-app.ts";
import { workerPidsOf } from "../helpers/workers.ts";
import { rounds } from "../helpers/rounds.ts";

const { app } = faults;
let run: AppRun;
beforeAll(async () => {
  run = await app.run();
});
afterAll(() => run.close());

describe("containers that are killed from outside", () => {
  it("lose no call and answer none twice, with a kill every 50 ms", async () => {
    let kills = 0;
    let answered = 0;
    let answeredAtKill = -1;
    const killer = setInterval(() => {
      // On a machine where a container takes longer to start than to be killed, nothing would ever be answered.
      if (answered === answeredAtKill) return;
      answeredAtKill = answered;
      const pids = workerPidsOf(process.pid);
      const victim = pids[Math.floor(Math.random() * pids.length)];
      if (victim === undefined) return;
      process.kill(victim, "SIGKILL");
      kills++;
    }, 50);
    try {
      const inputs = Array.from({ length: rounds(700, 2_000) }, (_, i) => i);
      const results: number[] = [];
      for await (const result of faults.double.map(inputs)) answered = results.push(result);
      expect(results).toEqual(inputs.map((n) => n * 2));
    } finally {
      clearInterval(killer);
    }
    expect(kills).toBeGreaterThan(3);
  });
});

describe("a failing input of many", () => {
  it("is retried before those that have not started, so that its error comes early", async () => {
    const inputs = Array.from({ length: 200 }, (_, i) => i);
    const startedAtMs = Date.now();
    await expect(faults.failFirst.map(inputs).toArray()).rejects.toThrow("no zero, please");
    // All of them take 10 s.
    expect(Date.now() - startedAtMs).toBeLessThan(5_000);
  });
});

describe("user code that ends its process", () => {
  it("fails its own input with the exit code", async () => {
    await expect(faults.exit.remote(3)).rejects.toThrow(ProcessExitError);
    await expect(faults.exit.remote(3)).rejects.toMatchObject({ exitCode: 3 });
  });

  it("fails no other input", async () => {
    const results = await faults.exitIfOdd.map([0, 1, 2, 3, 4, 5, 6, 7], { returnExceptions: true }).toArray();
    expect(results.map((result) => (result instanceof Error ? (result as ProcessExitError).exitCode : result))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7,
    ]);
    expect(results.filter((result) => result instanceof ProcessExitError)).toHaveLength(4);
  });

  it("is told by its exception when nobody caught it", async () => {
    await expect(faults.throwLater.remote()).rejects.toThrow(RangeError);
  });

  it("harms nobody when its own call was over", async () => {
    for (let i = 0; i < 5; i++) expect(await faults.leaveRejection.remote()).toBe("done");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await faults.leaveRejection.remote()).toBe("done");
  });
});

describe("limits", () => {
  it("end a busy loop at timeoutMs", async () => {
    await expect(faults.spin.remote()).rejects.toThrow(FunctionTimeoutError);
  });

  it("end a body over its memoryMiB, again and again, then give up", async () => {
    const error = await faults.hog.remote().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InternalFailure);
    expect((error as Error).message).toMatch(/memoryMiB 256/);
  }, 120_000);

  it("refuse a Function with one container that waits for itself", async () => {
    const error = await faults.selfish.remote(3).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidError);
    expect((error as InvalidError).message).toMatch(/It would wait for ever/);
    expect((error as InvalidError).hint).toMatch(/maxContainers above 1/);
    expect(await faults.selfish.remote(0)).toBe(0);
  });
});

describe("nested calls", () => {
  it("recurse 50 deep", async () => {
    expect(await faults.countdown.remote(50)).toBe(50);
  });

  it("wait for calls they spawned, more of them than run at a time", async () => {
    const inputs = Array.from({ length: 24 }, (_, i) => i);
    expect(await faults.viaSpawn.map(inputs).toArray()).toEqual(inputs.map((n) => n * 2));
  });

  it("map over map", async () => {
    expect(await faults.outer.map([10, 20, 30, 40]).toArray()).toEqual([45, 190, 435, 780]);
  });
});

describe("cancellation", () => {
  it("by the caller's signal rejects at once", async () => {
    const controller = new AbortController();
    const call = faults.spin.with({ signal: controller.signal }).remote();
    setTimeout(() => controller.abort(new RangeError("enough")), 50);
    await expect(call).rejects.toThrow(InputCancelledError);
    await expect(call).rejects.toMatchObject({ cause: new RangeError("enough") });
  });
});

describe("queues inside a container", () => {
  it("are given to others when their container blocks", async () => {
    for (let i = 0; i < 50; i++) await faults.block.remote(0);
    const startedAtMs = Date.now();
    const [, ...others] = await Promise.all([
      faults.block.remote(3_000).then(() => Date.now()),
      ...Array.from({ length: 40 }, () => faults.block.remote(0).then(() => Date.now())),
    ]);
    const late = others.filter((endedAtMs) => endedAtMs - startedAtMs > 2_900);
    expect(late).toHaveLength(0);
  });
});

describe("values", () => {
  it("of 64 MiB of bytes are no trouble", async () => {
    expect(await faults.size.remote(Buffer.alloc(64 * 1024 * 1024))).toBe(64 * 1024 * 1024);
  });
});

describe("a container's environment", () => {
  it("is the Function's own, not the caller's", async () => {
    process.env["TENON_TEST_LEAK"] = "leaked";
    expect(await faults.environment.remote("GREETING")).toBe("hello");
    expect(await faults.environment.remote("TENON_TEST_LEAK")).toBeUndefined();
  });
});
