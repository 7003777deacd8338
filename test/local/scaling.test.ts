import { describe, expect, it } from "vitest";
import {
  containersToStart,
  idleToKeep,
  jobsPerContainer,
  startDelayMs,
  usefulContainers,
  type PoolLoad,
} from "../../src/local/engine/pool/scaling.ts";
import type { FunctionSpec } from "../../src/model/function-spec.ts";
import { resolveFunctionOptions } from "../../src/model/function-options.ts";

const specOf = (options: Parameters<typeof resolveFunctionOptions>[2] = {}, kind: "function" | "generator" = "function"): FunctionSpec =>
  resolveFunctionOptions("f", kind, options);
const nothing: PoolLoad = {
  waiting: 0,
  containers: 0,
  starting: 0,
  idle: 0,
  flowing: 0,
  active: false,
  freeSlots: 4,
  weight: 1,
  bodyMicroseconds: Number.POSITIVE_INFINITY,
  mayWarm: true,
};
const started = (options: Parameters<typeof resolveFunctionOptions>[2], load: Partial<PoolLoad>): number =>
  containersToStart(specOf(options), { ...nothing, ...load });

describe("containers to start", () => {
  it("are none without jobs", () => {
    expect(started({}, {})).toBe(0);
  });

  it("are one for each job while there are slots", () => {
    expect(started({}, { waiting: 3 })).toBe(3);
    expect(started({}, { waiting: 30 })).toBe(4);
    expect(started({ cpu: 1 }, { waiting: 30, weight: 2 })).toBe(2);
  });

  it("are fewer by those that start or are idle", () => {
    expect(started({}, { waiting: 3, containers: 2, starting: 1, idle: 1 })).toBe(1);
    expect(started({}, { waiting: 1, containers: 3, starting: 3 })).toBe(0);
  });

  it("are none where more inputs run than there are slots", () => {
    expect(started({}, { waiting: 3, containers: 6, freeSlots: -2 })).toBe(0);
  });

  it("are no more than can be kept busy by handing jobs over", () => {
    expect(started({}, { waiting: 100, containers: 1, flowing: 1, bodyMicroseconds: 5 })).toBe(0);
    expect(started({}, { waiting: 100, containers: 1, flowing: 1, bodyMicroseconds: 25 })).toBe(2);
  });

  it("keep minContainers, and a buffer while something is active", () => {
    expect(started({ minContainers: 2 }, {})).toBe(2);
    expect(started({ minContainers: 2 }, { containers: 1, idle: 1 })).toBe(1);
    expect(started({ bufferContainers: 2 }, {})).toBe(0);
    expect(started({ bufferContainers: 2 }, { active: true, containers: 1 })).toBe(2);
  });

  it("stay within maxContainers, those that end included", () => {
    expect(started({ maxContainers: 2 }, { waiting: 9 })).toBe(2);
    expect(started({ maxContainers: 2 }, { waiting: 9, containers: 2 })).toBe(0);
    expect(started({ maxContainers: 2 }, { waiting: 9, containers: 3 })).toBe(0);
  });

  it("are only those that jobs wait for, shortly after a start that failed", () => {
    expect(started({ minContainers: 2, bufferContainers: 1 }, { mayWarm: false })).toBe(0);
    expect(started({ minContainers: 2, bufferContainers: 1 }, { mayWarm: false, waiting: 1 })).toBe(1);
  });
});

describe("jobs of a container", () => {
  it("are as many as it works off in a millisecond, at least one, at most 64", () => {
    const spec = specOf();
    expect([Number.POSITIVE_INFINITY, 5_000, 100, 1].map((body) => jobsPerContainer(spec, body, false))).toEqual([1, 1, 10, 64]);
  });

  it("are one for generators, single use, and Functions that write past the runtime", () => {
    expect(jobsPerContainer(specOf({}, "generator"), 1, false)).toBe(1);
    expect(jobsPerContainer(specOf({ singleUseContainers: true }), 1, false)).toBe(1);
    expect(jobsPerContainer(specOf(), 1, true)).toBe(1);
  });
});

describe("containers that are useful", () => {
  it("are one for bodies of no time, and as many as you like before any ran", () => {
    expect(usefulContainers(0)).toBe(1);
    expect(usefulContainers(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("idle containers that stay", () => {
  it("are minContainers, and the buffer while something is active", () => {
    const spec = specOf({ minContainers: 1, bufferContainers: 2 });
    expect([idleToKeep(spec, false), idleToKeep(spec, true)]).toEqual([1, 3]);
  });
});

describe("the delay after failed starts", () => {
  it("doubles up to half a minute", () => {
    expect([0, 1, 2, 3, 20, 5_000].map(startDelayMs)).toEqual([0, 100, 200, 400, 30_000, 30_000]);
  });
});
