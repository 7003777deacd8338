import { describe, expect, it } from "vitest";
import { resolveFunctionOptions, type FunctionOptions } from "../../src/model/function-options.ts";
import { planLambda } from "../../src/synth/index.ts";

function plan(options: FunctionOptions, kind: "function" | "generator" = "function"): ReturnType<typeof planLambda> {
  return planLambda(resolveFunctionOptions("count", kind, options));
}

describe("a Function on Lambda", () => {
  it("has its memory, and the time of its start-up, its body and its end", () => {
    expect(plan({ memoryMiB: 512, timeoutMs: 60_000, startupTimeoutMs: 20_500 })).toEqual({
      memoryMiB: 512,
      timeoutSeconds: 91,
      handler: "init.handler",
      refusals: [],
      notes: [],
    });
    expect(plan({}).timeoutSeconds).toBe(610);
    expect(plan({}, "generator").handler).toBe("init.streamHandler");
  });

  it("ends after 900 seconds, which is said when more was asked for", () => {
    const { timeoutSeconds, refusals, notes } = plan({ timeoutMs: 870_000 });
    expect({ timeoutSeconds, refusals }).toEqual({ timeoutSeconds: 900, refusals: [] });
    expect(notes).toEqual(["start-up and body together end after 900 s on Lambda; startupTimeoutMs and timeoutMs allow 1,750 s"]);
  });

  it("gets the memory that its cpu takes, and never less than it asked for", () => {
    expect(plan({ cpu: 0.5, memoryMiB: 1_024 })).toMatchObject({ memoryMiB: 1_024, notes: [] });
    expect(plan({ cpu: 2, memoryMiB: 1_024 })).toMatchObject({
      memoryMiB: 3_538,
      notes: ["cpu 2 takes 3,538 MB of memory on Lambda; memoryMiB 1,024 is raised to it"],
    });
  });

  it.each<[FunctionOptions, string]>([
    [{ timeoutMs: 870_001 }, "timeoutMs is 870,001; Lambda runs a Function for at most 870,000."],
    [{ memoryMiB: 10_241 }, "memoryMiB is 10,241; Lambda has at most 10,240."],
    [{ cpu: 6 }, "cpu is 6, which takes 10,614 MB at 1,769 MB for a vCPU; Lambda has at most 10,240 MB, which is 5.79 vCPU."],
  ])("is refused with the number and the way out: %j", (options, reason) => {
    const { refusals } = plan(options);
    expect(refusals).toHaveLength(1);
    expect(refusals[0]).toContain(reason);
    expect(refusals[0]).toContain("ECS, which this version of Tenon does not have");
  });

  it("takes 10,240 MB", () => {
    expect(plan({ memoryMiB: 10_240 })).toMatchObject({ memoryMiB: 10_240, refusals: [] });
  });

  it("stays idle as long as Lambda wants, and says so of another cancelRequest", () => {
    expect(plan({ scaledownWindowMs: 120_000 }).notes).toEqual([
      "scaledownWindowMs 120,000 is not kept: Lambda decides how long an idle container stays",
    ]);
  });

  it("is not kept warm, and says so", () => {
    expect(plan({ minContainers: 2, bufferContainers: 1 }).notes).toEqual([
      "minContainers 2 is not kept: Lambda keeps containers only with provisioned concurrency",
      "bufferContainers 1 is not kept: Lambda keeps containers only with provisioned concurrency",
    ]);
  });

  it("says for which calls its maxContainers holds", () => {
    const each = "Lambda starts a container for each input that runs";
    expect(plan({ maxContainers: 10 }).notes).toEqual([
      `maxContainers 10 holds for spawned calls, but does not hold for remote and map: ${each}`,
    ]);
    expect(plan({ maxContainers: 10 }, "generator").notes).toEqual([`maxContainers 10 does not hold: ${each}`]);
    // Whoever calls it spawns it.
    expect(plan({ maxContainers: 10, timeoutMs: 300_001, startupTimeoutMs: 1_000 }).notes).toEqual([]);
    expect(plan({ maxContainers: 1_001 }).notes[1]).toBe(
      "maxContainers 1,001 is 1,000 for spawned calls, the most that an event source takes",
    );
  });
});
