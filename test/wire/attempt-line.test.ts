import { expect, it } from "vitest";
import { attemptLine } from "../../src/wire/attempt-line.ts";
import { encodeError } from "../../src/wire/error-codec.ts";

it("names the attempt and the error, with its stack", () => {
  const error = encodeError(new RangeError("too large"));
  expect(attemptLine({ status: "failed", error }, 2)).toMatch(/^attempt 2 failed: RangeError: too large\n {4}at /);
  expect(attemptLine({ status: "timed-out", error: { className: "FunctionTimeoutError", message: "after 5 ms" } }, 1)).toBe(
    "attempt 1 failed: FunctionTimeoutError: after 5 ms",
  );
});

it("cuts what is long", () => {
  const line = attemptLine({ status: "failed", error: encodeError(new Error("x".repeat(10_000))) }, 1);
  expect(line).toMatch(/^attempt 1 failed: Error: x+…$/);
  expect(line!.length).toBeLessThan(2_100);
});

it("says nothing of an attempt that went well, was cancelled, lost or never began", () => {
  const error = encodeError(new Error("given up"));
  expect(attemptLine({ status: "succeeded", value: { codec: "json", text: "1", parts: [] } }, 1)).toBeNull();
  expect(attemptLine({ status: "cancelled", error }, 1)).toBeNull();
  expect(attemptLine({ status: "lost", reason: "killed" }, 1)).toBeNull();
  expect(attemptLine({ status: "not-started", reason: "busy", retryAfterMs: 0 }, 1)).toBeNull();
});
