import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FunctionTimeoutError, type AppRun, type TenonEvent } from "tenon";
import * as scaling from "../fixtures/autoscaling-app.ts";

const events: TenonEvent[] = [];
let run: AppRun;
beforeAll(async () => {
  run = await scaling.app.run({ onEvent: (event) => events.push(event) });
});
afterAll(() => run.close());

const started = (fn: string): number => events.filter((event) => event.code === "CONTAINER_STARTED" && event.fn === fn).length;
const ended = (fn: string): string[] =>
  events.flatMap((event) => (event.code === "CONTAINER_ENDED" && event.fn === fn ? [event.reason] : []));

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    if (tries > 200) throw new TypeError("it never came true");
    await pause(50);
  }
}

type Stay = Awaited<ReturnType<typeof scaling.plain.remote>>;

function overlaps(stays: readonly Stay[]): number {
  return stays.filter((stay) => stays.some((other) => other !== stay && other.fromMs < stay.untilMs && stay.fromMs < other.untilMs)).length;
}

describe("containers", () => {
  it("are kept warm before the first call: minContainers", async () => {
    await until(() => started("warm") === 2);
    expect(ended("warm")).toEqual([]);
  });

  it("are reused", async () => {
    const { pid } = await scaling.plain.remote(1);
    expect((await scaling.plain.remote(1)).pid).toBe(pid);
  });

  it("grow with the inputs that wait", async () => {
    const stays = await scaling.plain.map([1_500, 1_500, 1_500]).toArray();
    expect(new Set(stays.map((stay) => stay.pid)).size).toBe(3);
  });

  it("are never more than maxContainers", async () => {
    const stays = await scaling.capped.map([200, 200, 200, 200]).toArray();
    expect(new Set(stays.map((stay) => stay.pid)).size).toBe(1);
    expect(overlaps(stays)).toBe(0);
  });

  it("stand by while the Function is active: bufferContainers", async () => {
    const call = scaling.buffered.remote(2_000);
    await until(() => started("buffered") === 2);
    await call;
  });

  it("end when they were idle for scaledownWindowMs", async () => {
    await scaling.shortLived.remote(1);
    await until(() => ended("shortLived").length === 1);
    expect(ended("shortLived")).toEqual(["it was idle for its scaledownWindowMs"]);
  });

  it("serve one input each: singleUseContainers", async () => {
    const stays = await scaling.single.map([1, 1, 1, 1]).toArray();
    expect(new Set(stays.map((stay) => stay.pid)).size).toBe(4);
  });

  it("that take the whole machine run one at a time: cpu", async () => {
    expect(overlaps(await scaling.heavy.map([300, 300, 300]).toArray())).toBe(0);
  });

  it("that do not start in time fail their inputs: startupTimeoutMs", async () => {
    await expect(scaling.late.remote(1)).rejects.toThrow(FunctionTimeoutError);
    await expect(scaling.late.remote(1)).rejects.toThrow(/startupTimeoutMs of 1,000 ms/);
  });
});
