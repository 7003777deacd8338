import { describe, expect, it } from "vitest";
import { showNumber, showValue } from "../../src/util/show-value.ts";

describe("a value in a message", () => {
  it.each<[unknown, string]>([
    ["a\nb", '"a\\nb"'],
    [1_234_567.891, "1,234,567.891"],
    [-1_000, "-1,000"],
    [1e21, "1e+21"],
    [Number.NaN, "NaN"],
    [7n, "7n"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [[1, 2], "an array of 2"],
    [{ a: 1, b: 2 }, "an object with the fields a, b"],
    [new Date(0), "an object with no fields"],
  ])("shows %o", (value, text) => {
    expect(showValue(value)).toBe(text);
  });

  it("is short, however long the value", () => {
    expect(showValue("x".repeat(1_000))).toHaveLength(60);
  });

  it("groups thousands in every locale", () => {
    expect([0, 999, 1_000, 122_880, 86_400_000].map(showNumber)).toEqual(["0", "999", "1,000", "122,880", "86,400,000"]);
  });
});
