import { describe, expect, it } from "vitest";
import { attemptEnded, outcomeOf } from "../../src/model/call-outcome.ts";
import type { EndedCall } from "../../src/model/call-state.ts";
import { InputCancelledError, InternalFailure } from "../../src/model/errors.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";

const ended = (status: EndedCall["status"], by: EndedCall["by"], losses = 0): EndedCall => ({
  status,
  by,
  losses,
  attempt: 1,
  delivery: 1,
});
const failed: AttemptResult = { status: "failed", error: { className: "RangeError", message: "no" } };
const lost: AttemptResult = { status: "lost", reason: "killed by SIGKILL" };

describe("the outcome of a call that has ended", () => {
  it("is what its last attempt brought", () => {
    expect(outcomeOf("fc-1", ended("failed", "attempt"), failed)).toBe(failed);
  });

  it("is an InternalFailure with the last reason after too many losses", () => {
    const error = outcomeOf("fc-1", ended("failed", "losses", 9), lost);
    expect(error).toBeInstanceOf(InternalFailure);
    expect((error as Error).message).toBe(
      "The platform lost call fc-1 9 times. A call runs again after at most 8 losses. The last time: killed by SIGKILL.",
    );
  });

  it.each([
    ["before any attempt", undefined],
    ["while an attempt failed", failed],
    ["while an attempt was lost", lost],
  ])("is an InputCancelledError after a cancel %s", (_, result) => {
    const error = outcomeOf("fc-1", ended("cancelled", "cancel"), result);
    expect(error).toBeInstanceOf(InputCancelledError);
    expect((error as Error).message).toBe("Call fc-1 was cancelled.");
  });
});

describe("the event of an attempt that ended", () => {
  it("names its holder, and how long to wait where it could not start", () => {
    const holder = { delivery: 3, lease: "w", more: "than is needed" };
    expect(attemptEnded(holder, failed, 50)).toEqual({ type: "result", delivery: 3, lease: "w", status: "failed", nowMs: 50 });
    expect(attemptEnded(holder, { status: "not-started", reason: "no room", retryAfterMs: 300 }, 50)).toMatchObject({ retryAfterMs: 300 });
  });
});
