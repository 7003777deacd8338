import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NO_RETRIES, nextRetryDelayMs, resolveRetries } from "../../src/model/retry-policy.ts";
import type { RetriesOptions } from "../../src/model/retry-policy.ts";
import { refusal } from "./refusal.ts";

const delays = (policy = NO_RETRIES): (number | null)[] =>
  Array.from({ length: policy.maxRetries + 1 }, (_, index) => nextRetryDelayMs(policy, index + 1));

describe("retries", () => {
  it("given as a number come one second apart", () => {
    expect(delays(resolveRetries(3))).toEqual([1_000, 1_000, 1_000, null]);
  });

  it("are none by default", () => {
    expect(resolveRetries(undefined)).toBe(NO_RETRIES);
    expect(delays(resolveRetries(0))).toEqual([null]);
  });

  it("given as a policy wait twice as long each time, at most a minute", () => {
    expect(resolveRetries({ maxRetries: 8 })).toEqual({ maxRetries: 8, backoffCoefficient: 2, initialDelayMs: 1_000, maxDelayMs: 60_000 });
    expect(delays(resolveRetries({ maxRetries: 8 }))).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, null]);
  });

  it("wait at least one second, also with no initial delay", () => {
    expect(delays(resolveRetries({ maxRetries: 2, initialDelayMs: 0 }))).toEqual([1_000, 1_000, null]);
    expect(delays(resolveRetries({ maxRetries: 4, initialDelayMs: 300 }))).toEqual([1_000, 1_000, 1_200, 2_400, null]);
  });

  it("take an instance of a class that holds the options", () => {
    class Retries implements RetriesOptions {
      readonly maxRetries = 2;
      readonly initialDelayMs = 5_000;
      readonly other = "not an option";
    }
    expect(delays(resolveRetries(new Retries()))).toEqual([5_000, 10_000, null]);
  });

  it("always wait between one second and maxDelayMs", () => {
    const options = fc.record({
      maxRetries: fc.integer({ min: 1, max: 10 }),
      backoffCoefficient: fc.double({ min: 1, max: 10, noNaN: true }),
      initialDelayMs: fc.integer({ min: 0, max: 60_000 }),
      maxDelayMs: fc.integer({ min: 1_000, max: 60_000 }),
    });
    fc.assert(
      fc.property(options, (given) => {
        const policy = resolveRetries(given);
        const all = delays(policy);
        expect(all.pop()).toBeNull();
        for (const delayMs of all)
          expect(Number.isInteger(delayMs) && delayMs !== null && delayMs >= 1_000 && delayMs <= given.maxDelayMs).toBe(true);
      }),
    );
  });

  it.each<[unknown, string]>([
    [-1, "Retries: retries is -1. It must be an integer from 0 to 10."],
    [11, "Retries: retries is 11. It must be an integer from 0 to 10."],
    [1.5, "Retries: retries is 1.5. It must be an integer from 0 to 10."],
    [Number.NaN, "Retries: retries is NaN. It must be an integer from 0 to 10."],
    ["3", 'Retries: retries is "3". It must be an integer from 0 to 10, or an object with maxRetries.'],
    [null, "Retries: retries is null. It must be an integer from 0 to 10, or an object with maxRetries."],
    [{}, "Retries: retries.maxRetries is undefined. It must be an integer from 0 to 10."],
    [{ maxRetries: 1, backoffCoefficient: 0.5 }, "Retries: retries.backoffCoefficient is 0.5. It must be a number from 1 to 10."],
    [{ maxRetries: 1, backoffCoefficient: 10.5 }, "Retries: retries.backoffCoefficient is 10.5. It must be a number from 1 to 10."],
    [
      { maxRetries: 1, initialDelayMs: 60_001 },
      "Retries: retries.initialDelayMs is 60,001. It must be an integer from 0 to 60,000 milliseconds.",
    ],
    [{ maxRetries: 1, maxDelayMs: 999 }, "Retries: retries.maxDelayMs is 999. It must be an integer from 1,000 to 60,000 milliseconds."],
    [{ maxRetries: 1, initial_delay: 1 }, "Retries: retries: `initial_delay` is now `initialDelayMs`."],
    [{ maxRetries: 1, maxDelay: 1 }, "Retries: retries: `maxDelay` is now `maxDelayMs`."],
    [
      { maxRetries: 1, jitter: true },
      "Retries: retries: there is no option `jitter`. The options are maxRetries, backoffCoefficient, initialDelayMs, maxDelayMs.",
    ],
  ])("refuse %j", (retries, message) => {
    expect(refusal(() => resolveRetries(retries as number)).message).toBe(message);
  });
});
