import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { createWorkerStarter, type WorkerStarter } from "../../src/local/workers/worker-starter.ts";
import { startWorkerProcess, type WorkerProcess } from "../../src/local/workers/worker-process.ts";
import { resolveFunctionOptions } from "../../src/model/function-options.ts";

const spec = resolveFunctionOptions("f", "function", undefined);
const withEnv = resolveFunctionOptions("g", "function", { env: { AB: "1" } });
const cwd = process.cwd();

let started: WorkerProcess[] = [];
let starter: WorkerStarter | undefined;
const open = (spare: Parameters<typeof createWorkerStarter>[1] = null): WorkerStarter =>
  (starter = createWorkerStarter({ cwd, onStarted: (worker) => started.push(worker) }, spare));

afterEach(async () => {
  starter?.close();
  for (const worker of started) worker.kill();
  await Promise.all(started.map((worker) => worker.gone));
  started = [];
});

describe("the starter of worker processes", () => {
  it("prewarms the next one while they are needed one after the other", async () => {
    const { start } = open();
    start(spec);
    await pause(60);
    start(spec);
    expect(started).toHaveLength(3);
    await pause(60);
    expect(start(spec)).toBe(started[2]);
  });

  it("prewarms none in a burst, which needs the processor itself", () => {
    const { start } = open();
    for (let i = 0; i < 3; i++) start(spec);
    expect(started).toHaveLength(3);
  });

  it("gives the prewarmed one only to a Function of the same memory and environment", async () => {
    const { start } = open();
    start(spec);
    await pause(60);
    start(spec);
    await pause(60);
    expect(start(withEnv)).not.toBe(started[2]);
  });

  it("ends the prewarmed one when it is not used, and at the close", async () => {
    const { start } = open();
    start(spec);
    await pause(60);
    start(spec);
    await expect(started[2]?.gone).resolves.toMatchObject({ signal: "SIGKILL" });
    await pause(60);
    start(spec);
    await pause(60);
    start(spec);
    const prewarmed = started.at(-1);
    starter?.close();
    await expect(prewarmed?.gone).resolves.toMatchObject({ signal: "SIGKILL" });
  });

  it("gives a spare process to the first Function that it fits", () => {
    const spare = startWorkerProcess({ memoryMiB: spec.memoryMiB, env: {}, cwd });
    const { start } = open({ worker: spare, cwd });
    expect(start(withEnv)).not.toBe(spare);
    expect(start(spec)).toBe(spare);
  });
});
