import fc from "fast-check";
import { expect, it } from "vitest";
import { jittered } from "../../src/util/jitter.ts";

it("spreads a delay around its length", () => {
  expect([0, 0.25, 0.5, 0.999_999].map((random) => jittered(1_000, () => random))).toEqual([500, 750, 1_000, 1_500]);
});

it("is whole milliseconds from half to one and a half times the delay", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), (ms) => {
      const delay = jittered(ms);
      expect(Number.isInteger(delay)).toBe(true);
      expect(Math.abs(delay - ms)).toBeLessThanOrEqual(ms / 2 + 0.5);
    }),
  );
});
