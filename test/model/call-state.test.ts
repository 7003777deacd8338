import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_LOSSES, initialCall, isEnded, transition } from "../../src/model/call-state.ts";
import type { CallEvent, CallState, EndedCall, RunningCall } from "../../src/model/call-state.ts";
import { resolveRetries } from "../../src/model/retry-policy.ts";
import { check, histories } from "./call-simulation.ts";
import type { Table } from "./call-simulation.ts";

const POLICY = resolveRetries(2);
const NOW = 50_000;

const run = (...events: readonly CallEvent[]): CallState =>
  events.reduce((state: CallState, event) => transition(state, event, POLICY), initialCall());
const start = (delivery: number): CallEvent => ({ type: "start", delivery, lease: `w${delivery}`, leaseUntilMs: NOW + 10_000 });
const result = (delivery: number, status: (CallEvent & { type: "result" })["status"]): CallEvent => ({
  type: "result",
  delivery,
  lease: `w${delivery}`,
  status,
  nowMs: NOW,
});
const cancel: CallEvent = { type: "cancel" };

describe("a call's states", () => {
  it("goes from pending over running to its outcome", () => {
    expect(run(start(1))).toMatchObject({ status: "running", attempt: 1, lease: "w1" });
    expect(run(start(1), result(1, "succeeded"))).toEqual({ status: "succeeded", attempt: 1, losses: 0, delivery: 1, by: "attempt" });
  });

  it("waits for the policy's delay after a failure, and counts it", () => {
    expect(run(start(1), result(1, "failed"))).toEqual({ status: "pending", attempt: 1, losses: 0, delivery: 2, notBeforeMs: NOW + 1_000 });
  });

  it("ends with the last failure when no retry is left", () => {
    const state = run(start(1), result(1, "failed"), start(2), result(2, "timed-out"), start(3), result(3, "failed"));
    expect(state).toMatchObject({ status: "failed", attempt: 3, by: "attempt" });
  });

  it("runs again for free when it is lost, and keeps the attempt's number", () => {
    expect(run(start(1), result(1, "lost"), start(2))).toMatchObject({ status: "running", attempt: 1, losses: 1, delivery: 2 });
  });

  it("fails when it is lost once more than is free", () => {
    let state: CallState = initialCall();
    for (let delivery = 1; delivery <= MAX_LOSSES + 1; delivery++) {
      expect(state.status).toBe("pending");
      state = transition(transition(state, start(delivery), POLICY), result(delivery, "lost"), POLICY);
    }
    expect(state).toMatchObject({ status: "failed", by: "losses", losses: 9 });
  });

  it("waits as long as it takes when there is no room to start", () => {
    let state: CallState = initialCall();
    for (let delivery = 1; delivery <= 1_000; delivery++)
      state = transition(
        transition(state, start(delivery), POLICY),
        { ...result(delivery, "not-started"), retryAfterMs: 300 } as CallEvent,
        POLICY,
      );
    expect(state).toEqual({ status: "pending", attempt: 0, losses: 0, delivery: 1_001, notBeforeMs: NOW + 300 });
  });

  it("ends at once when it is cancelled before it runs", () => {
    const state = run(cancel);
    expect(state).toMatchObject({ status: "cancelled", attempt: 0, by: "cancel" });
  });

  it.each(["failed", "timed-out", "lost", "not-started", "cancelled"] as const)(
    "ends cancelled, not retried, when it is %s after a cancel request",
    (status) => {
      expect(run(start(1), cancel, result(1, status))).toMatchObject({ status: "cancelled", by: "cancel" });
    },
  );

  it("keeps a success that arrives after a cancel request", () => {
    expect(run(start(1), cancel, result(1, "succeeded"))).toMatchObject({ status: "succeeded" });
  });

  it("ends cancelled when the attempt itself says so", () => {
    expect(run(start(1), result(1, "cancelled"))).toMatchObject({ status: "cancelled", by: "attempt" });
  });

  it("is lost when its lease is over, and not before", () => {
    const running = run(start(1));
    expect(transition(running, { type: "lease-expired", nowMs: NOW + 9_999 }, POLICY)).toBe(running);
    expect(transition(running, { type: "lease-expired", nowMs: NOW + 10_000 }, POLICY)).toMatchObject({ status: "pending", losses: 1 });
  });

  it("never expires when its lease has no end", () => {
    const running = run({ type: "start", delivery: 1, lease: "w1", leaseUntilMs: null });
    expect(transition(running, { type: "lease-expired", nowMs: Number.MAX_SAFE_INTEGER }, POLICY)).toBe(running);
    expect(transition(running, { type: "renew", delivery: 1, lease: "w1", leaseUntilMs: NOW }, POLICY)).toBe(running);
  });

  it("holds on to the latest renewal when renewals change places", () => {
    const renew = (leaseUntilMs: number): CallEvent => ({ type: "renew", delivery: 1, lease: "w1", leaseUntilMs });
    expect((run(start(1), renew(NOW + 30_000), renew(NOW + 20_000)) as RunningCall).leaseUntilMs).toBe(NOW + 30_000);
  });

  it.each<[string, readonly CallEvent[], CallEvent]>([
    ["a second start of the same delivery", [start(1)], { ...start(1), lease: "other" } as CallEvent],
    ["the start of a delivery that is over", [start(1), result(1, "lost")], start(1)],
    ["the start of a delivery to come", [], start(2)],
    ["a result before the start", [], result(1, "succeeded")],
    ["the result of an earlier delivery", [start(1), result(1, "lost"), start(2)], result(1, "succeeded")],
    ["the result of another holder", [start(1)], { ...result(1, "succeeded"), lease: "other" } as CallEvent],
    ["a second cancel", [start(1), cancel], cancel],
    ["a cancel after the outcome", [start(1), result(1, "succeeded")], cancel],
    ["another result after the outcome", [start(1), result(1, "succeeded")], result(1, "failed")],
    ["a start after the outcome", [cancel], start(1)],
  ])("ignores %s: the same object comes back", (_, before, event) => {
    const state = run(...before);
    expect(transition(state, event, POLICY)).toBe(state);
  });
});

describe("the model check", () => {
  it("keeps every promise under repeated, lost, reordered and crashing deliveries", () => {
    fc.assert(
      fc.property(histories, (history) => isEnded(check(transition, history))),
      { numRuns: 10_000 },
    );
  }, 60_000);

  it("reaches every kind of ending", () => {
    const seen = new Set<string>();
    for (const history of fc.sample(histories, 3_000)) {
      const state = check(transition, history) as EndedCall;
      seen.add(`${state.status} by ${state.by}`);
    }
    expect([...seen].toSorted()).toEqual([
      "cancelled by attempt",
      "cancelled by cancel",
      "failed by attempt",
      "failed by losses",
      "succeeded by attempt",
      "timed-out by attempt",
    ]);
  }, 60_000);

  const mutants: Record<string, Table> = {
    "that takes results from anyone": (state, event, policy) =>
      transition(
        state,
        event.type === "result" && state.status === "running" ? { ...event, delivery: state.delivery, lease: state.lease } : event,
        policy,
      ),
    "that takes any start": (state, event, policy) =>
      transition(state, event.type === "start" ? { ...event, delivery: state.delivery } : event, policy),
    "that hands a running call to a second worker": (state, event, policy) =>
      state.status === "running" && event.type === "start" && event.delivery === state.delivery
        ? { ...state, lease: event.lease }
        : transition(state, event, policy),
    "that forgets a cancel request": (state, event, policy) => {
      const next = transition(state, event, policy);
      return next.status === "running" && next.cancelRequested ? { ...next, cancelRequested: false } : next;
    },
    "that never counts a failure": (state, event, policy) => {
      const next = transition(state, event, policy);
      return next.status === "pending" && next !== state ? { ...next, attempt: 0 } : next;
    },
    "that never counts a loss": (state, event, policy) => {
      const next = transition(state, event, policy);
      return next.status === "pending" ? { ...next, losses: 0 } : next;
    },
    "that lets a late sweep end a renewed lease": (state, event, policy) =>
      transition(state, event.type === "lease-expired" ? { ...event, nowMs: event.nowMs + 1_000_000 } : event, policy),
    "that has no sweep": (state, event, policy) => (event.type === "lease-expired" ? state : transition(state, event, policy)),
    "that changes its mind after the outcome": (state, event, policy) =>
      isEnded(state) && event.type === "result" && state.status === "failed" && event.status === "succeeded"
        ? { ...state, status: "succeeded" }
        : transition(state, event, policy),
  };
  it.each(Object.entries(mutants))(
    "catches a table %s",
    (_, mutant) => {
      const { failed, errorInstance } = fc.check(
        fc.property(histories, (history) => isEnded(check(mutant, history))),
        { numRuns: 10_000 },
      );
      expect(failed).toBe(true);
      expect(String(errorInstance)).toMatch(/^Error: Broken: /);
    },
    60_000,
  );
});
