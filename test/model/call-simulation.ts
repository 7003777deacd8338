import fc from "fast-check";
import { MAX_LOSSES, initialCall, isEnded } from "../../src/model/call-state.ts";
import type { CallEvent, CallState } from "../../src/model/call-state.ts";
import type { RetryPolicy } from "../../src/model/function-spec.ts";
import { nextRetryDelayMs } from "../../src/model/retry-policy.ts";

/** The table under test, or a mutant of it. */
export type Table = (state: CallState, event: CallEvent, policy: RetryPolicy) => CallState;

/** One step of a history: what happens, and numbers that choose among what is there. */
export interface Step {
  readonly action: "dispatch" | "deliver" | "duplicate" | "drop" | "renew" | "finish" | "crash" | "notice" | "clock" | "sweep" | "cancel";
  readonly pick: number;
  readonly status: "succeeded" | "failed" | "timed-out" | "cancelled" | "not-started";
}

/** A whole history of faults, and how the bodies that run after it end. */
export interface History {
  readonly maxRetries: number;
  readonly steps: readonly Step[];
  readonly afterwards: "succeeded" | "failed" | "lost";
}

const ACTIONS: readonly fc.WeightedArbitrary<Step["action"]>[] = (
  [
    ["dispatch", 3],
    ["deliver", 8],
    ["duplicate", 3],
    ["drop", 1],
    ["renew", 1],
    ["finish", 5],
    ["crash", 2],
    ["notice", 2],
    ["clock", 3],
    ["sweep", 3],
    ["cancel", 1],
  ] as const
).map(([value, weight]) => ({ arbitrary: fc.constant(value), weight }));

/** Histories of up to 120 steps. */
export const histories: fc.Arbitrary<History> = fc.record({
  maxRetries: fc.integer({ min: 0, max: 3 }),
  steps: fc.array(
    fc.record({
      action: fc.oneof(...ACTIONS),
      pick: fc.nat(1_000),
      status: fc.constantFrom("succeeded", "failed", "timed-out", "cancelled", "not-started"),
    }),
    { maxLength: 120, size: "max" },
  ),
  afterwards: fc.constantFrom("succeeded", "failed", "lost"),
});

type Message = { readonly kind: "event"; readonly event: CallEvent } | { readonly kind: "hand-out"; readonly delivery: number };
interface Holder {
  readonly delivery: number;
  readonly lease: string;
}

const LEASE_MS = 10_000;

/**
 * One call between a caller, a dispatcher and workers, over a channel that repeats, loses and reorders. It keeps its
 * own account of who holds the call, and throws as soon as the table says otherwise.
 */
export class CallSimulation {
  state: CallState = initialCall();
  readonly #table: Table;
  readonly #policy: RetryPolicy;
  readonly #channel: Message[] = [];
  readonly #alive: Holder[] = [];
  readonly #crashed: Holder[] = [];
  readonly #takenTurns = new Set<number>();
  #holder: Holder | null = null;
  #leaseUntilMs = 0;
  #nowMs = 1_000_000;
  #leases = 0;
  #counted = 0;
  #lost = 0;
  #cancelled = false;
  #outcome: CallState | null = null;

  constructor(table: Table, maxRetries: number) {
    this.#table = table;
    this.#policy = { maxRetries, backoffCoefficient: 2, initialDelayMs: 1_000, maxDelayMs: 60_000 };
  }

  step({ action, pick, status }: Step): void {
    switch (action) {
      case "dispatch":
        return this.#handOut();
      case "deliver":
        return this.#deliver(pick, true);
      case "duplicate":
        return this.#deliver(pick, false);
      case "drop":
        return void this.#channel.splice(pick % (this.#channel.length + 1), 1);
      case "renew":
        return this.#send(this.#some(this.#alive, pick), (holder) => ({ type: "renew", ...holder, leaseUntilMs: this.#nowMs + LEASE_MS }));
      case "finish":
        return this.#send(this.#take(this.#alive, pick), (holder) => this.#result(holder, status));
      case "crash": {
        const holder = this.#take(this.#alive, pick);
        if (holder !== undefined) this.#crashed.push(holder);
        return;
      }
      case "notice":
        return this.#send(this.#some(this.#crashed, pick), (holder) => this.#result(holder, "lost"));
      case "clock":
        this.#nowMs += 1 + pick * 20;
        return;
      case "sweep":
        return void this.#channel.push({ kind: "event", event: { type: "lease-expired", nowMs: this.#nowMs } });
      case "cancel":
        return void this.#channel.push({ kind: "event", event: { type: "cancel" } });
    }
  }

  /** The channel's faults stop: messages arrive, every worker ends as told, the dispatcher and its sweep go round. */
  settle(status: History["afterwards"]): void {
    // Each round hands the call out at most once; no history leaves more rounds than this.
    for (let round = 0; round < this.#policy.maxRetries + MAX_LOSSES + 10 && !isEnded(this.state); round++) {
      this.#handOut();
      while (this.#channel.length > 0) this.#deliver(0, true);
      while (this.#alive.length > 0) this.#send(this.#take(this.#alive, 0), (holder) => this.#result(holder, status));
      while (this.#channel.length > 0) this.#deliver(0, true);
      this.#nowMs += LEASE_MS;
      this.step({ action: "sweep", pick: 0, status: "failed" });
      while (this.#channel.length > 0) this.#deliver(0, true);
    }
    must(isEnded(this.state), "nothing is stuck");
    must(this.#counted <= this.#policy.maxRetries + 1, "attempts are within the policy");
  }

  /** Repeats every kind of message that there ever was: none may change an ended call. */
  haunt(): void {
    for (let delivery = 1; delivery <= this.state.delivery + 1; delivery++) {
      this.#apply({ type: "start", delivery, lease: "ghost", leaseUntilMs: this.#nowMs + LEASE_MS });
      for (let n = 1; n <= this.#leases; n++) this.#apply(this.#result({ delivery, lease: `worker-${n}` }, "succeeded"));
    }
    this.#apply({ type: "cancel" });
    this.#apply({ type: "lease-expired", nowMs: Number.MAX_SAFE_INTEGER });
  }

  // --- The parts ---

  #handOut(): void {
    if (this.state.status === "pending" && this.#nowMs >= this.state.notBeforeMs)
      this.#channel.push({ kind: "hand-out", delivery: this.state.delivery });
    else if (this.state.status === "pending") this.#nowMs = this.state.notBeforeMs;
  }

  #deliver(pick: number, once: boolean): void {
    const index = pick % Math.max(1, this.#channel.length);
    const message = this.#channel[index];
    if (message === undefined) return;
    if (once) this.#channel.splice(index, 1);
    if (message.kind === "event") return void this.#apply(message.event);
    const holder = { delivery: message.delivery, lease: `worker-${++this.#leases}` };
    // A worker only runs the body when its start counted.
    if (this.#apply({ type: "start", ...holder, leaseUntilMs: this.#nowMs + LEASE_MS })) this.#alive.push(holder);
  }

  #send(holder: Holder | undefined, event: (holder: Holder) => CallEvent): void {
    if (holder !== undefined) this.#channel.push({ kind: "event", event: event(holder) });
  }

  #result(holder: Holder, status: Step["status"] | "lost"): CallEvent {
    return { type: "result", ...holder, status, nowMs: this.#nowMs, ...(status === "not-started" ? { retryAfterMs: 250 } : {}) };
  }

  #some(from: readonly Holder[], pick: number): Holder | undefined {
    return from[pick % Math.max(1, from.length)];
  }

  #take(from: Holder[], pick: number): Holder | undefined {
    return from.splice(pick % Math.max(1, from.length), 1)[0];
  }

  // --- The account ---

  #apply(event: CallEvent): boolean {
    const before = this.state;
    const after = this.#table(before, event, this.#policy);
    this.state = after;
    if (after === before) {
      must(
        !(before.status === "pending" && event.type === "start" && event.delivery === before.delivery),
        "a start of its delivery is not ignored",
      );
      must(!(event.type === "result" && this.#isHeldBy(event)), "the holder's result is not ignored");
      return false;
    }
    must(this.#outcome === null, "exactly one outcome");
    must(JSON.stringify(JSON.parse(JSON.stringify(after))) === JSON.stringify(after), "states are JSON");
    if (isEnded(after)) this.#outcome = after;
    if (event.type === "start") this.#checkStart(event, after);
    if (event.type === "renew") {
      must(this.#isHeldBy(event) && event.leaseUntilMs > this.#leaseUntilMs, "only the holder renews, and only to a later time");
      this.#leaseUntilMs = event.leaseUntilMs;
    }
    if (event.type === "cancel") {
      must(after.status === "cancelled" || (after.status === "running" && after.cancelRequested), "a cancel is kept in mind");
      this.#cancelled = true;
    }
    if (event.type === "result") {
      must(this.#isHeldBy(event), "only the holder of the lease ends an attempt");
      this.#checkEnd(event.status, event.nowMs, after);
    }
    if (event.type === "lease-expired") {
      must(this.#holder !== null && event.nowMs >= this.#leaseUntilMs, "only a lease that is over expires");
      this.#checkEnd("lost", event.nowMs, after);
    }
    return true;
  }

  #isHeldBy(event: Holder): boolean {
    return this.#holder?.lease === event.lease && this.#holder.delivery === event.delivery;
  }

  #checkStart(event: CallEvent & { type: "start" }, after: CallState): void {
    must(!this.#cancelled, "a cancelled call never runs again");
    must(this.#holder === null, "one holder at a time");
    must(!this.#takenTurns.has(event.delivery), "a delivery is taken once");
    must(
      after.attempt === this.#counted + 1 && after.attempt <= this.#policy.maxRetries + 1,
      "attempts are counted, and within the policy",
    );
    this.#takenTurns.add(event.delivery);
    this.#holder = { delivery: event.delivery, lease: event.lease };
    this.#leaseUntilMs = event.leaseUntilMs ?? Number.POSITIVE_INFINITY;
  }

  #checkEnd(status: Step["status"] | "lost", nowMs: number, after: CallState): void {
    this.#holder = null;
    if (status === "failed" || status === "timed-out") this.#counted++;
    if (status === "lost") this.#lost++;
    if (status === "succeeded") return must(after.status === "succeeded", "a success is the outcome");
    if (status === "cancelled" || this.#cancelled) return must(after.status === "cancelled", "a cancelled call ends cancelled");
    if (status === "lost" && this.#lost > MAX_LOSSES)
      return must(after.status === "failed" && after.by === "losses", "too many losses are a failure");
    const delayMs = status === "lost" ? 0 : status === "not-started" ? 250 : nextRetryDelayMs(this.#policy, this.#counted);
    if (delayMs === null) return must(after.status === status, "the last failure is the outcome");
    must(after.status === "pending" && after.notBeforeMs === nowMs + delayMs, "it waits for its next delivery, as long as it should");
    must(after.attempt === this.#counted && after.losses === this.#lost, "losses and unstarted attempts are free");
  }
}

/** Runs one history to its end; throws with the broken promise in words. */
export function check(table: Table, history: History): CallState {
  const simulation = new CallSimulation(table, history.maxRetries);
  for (const step of history.steps) simulation.step(step);
  simulation.settle(history.afterwards);
  simulation.haunt();
  return simulation.state;
}

function must(holds: boolean, promise: string): void {
  if (!holds) throw new Error(`Broken: ${promise}.`);
}
