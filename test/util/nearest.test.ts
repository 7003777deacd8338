import { describe, expect, it } from "vitest";
import { nearest } from "../../src/util/nearest.ts";

describe("the nearest word", () => {
  const words = ["timeoutMs", "memoryMiB", "cpu"];
  it.each([
    ["timeoutms", "timeoutMs"],
    ["timeout-ms", "timeoutMs"],
    ["tiemoutMs", "timeoutMs"],
    ["memorymb", "memoryMiB"],
    ["cpus", "cpu"],
  ])("to %s is %s", (word, found) => {
    expect(nearest(word, words)).toBe(found);
  });

  it.each(["", "gpu-type", "wibble", "x".repeat(100_000)])("to something else is none", (word) => {
    expect(nearest(word, words)).toBeUndefined();
  });
});
