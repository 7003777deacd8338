import { attemptEnded } from "../../model/call-outcome.ts";
import { isEnded, transition, type CallState } from "../../model/call-state.ts";
import { NotFoundError, TenonError } from "../../model/errors.ts";
import type { FunctionRef, RetryPolicy } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { EventSink } from "../../ports/events.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import type { Rows } from "../../util/rows.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { finalOutcome } from "../../wire/final-outcome.ts";
import { cancelledCall } from "./errors.ts";
import { CANCEL_POLL_MS, DRIVER_WINDOW, SCAN_EVERY_MS } from "./limits.ts";
import { callKeys, lastPart, putControl, readInput, sortableMs, type ControlRow, type Partition } from "./local-rows.ts";

/** What a driver of durable calls stands on. */
export interface CallDriverParams {
  readonly rows: Rows;
  readonly environment: string;
  readonly partition: Partition;
  /** This process, as `isAlive` knows it. A partition may have a second driver while an old one drains. */
  readonly owner: string;
  readonly isAlive: (owner: string) => boolean;
  readonly functions: FunctionsPort;
  /** How a Function's failures are retried; `undefined` for a Function that is not (or no longer) there. */
  readonly retries: (ref: FunctionRef) => RetryPolicy | undefined;
  /** Hears of each call that got its outcome here. */
  readonly settled: (callId: string) => void;
  /** Ends the container that runs a call, for a cancel that asks for it. */
  readonly endContainers?: ((callId: string) => void) | undefined;
  readonly onEvent?: EventSink | undefined;
}

/** Runs the durable calls of one partition until it is stopped. */
export interface CallDriver {
  /** Looks at the rows now: a call was spawned or is to be cancelled. */
  wake(): void;
  /** Whether a call of the partition has no outcome yet. */
  hasUnfinished(): boolean;
  /** Takes no further call and resolves when those under way have come back. */
  drain(): Promise<void>;
}

interface Flight {
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

const NO_RETRIES: RetryPolicy = { maxRetries: 0, backoffCoefficient: 1, initialDelayMs: 0, maxDelayMs: 0 };

/**
 * Drives the durable calls of a partition: hands each to `functions`, attempt by attempt, as the table of call states
 * says, and writes every step down before the next. A driver that is killed leaves rows from which another goes
 * on: what it held is lost and runs again.
 */
export function startCallDriver(params: CallDriverParams): CallDriver {
  const { rows, partition, owner, functions } = params;
  const keys = callKeys(params.environment);
  const flights = new Map<string, Flight>();
  const perFunction = new Map<string, number>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let again = false;
  let timer: NodeJS.Timeout | undefined;

  const wake = (): void => {
    if (stopped && flights.size === 0) return;
    if (looking !== undefined) {
      again = true;
      return;
    }
    clearTimeout(timer);
    // An error of the rows (a full disk) passes or stays: the next look tries again.
    looking = look()
      .catch(() => {})
      .finally(() => {
        looking = undefined;
        if (again) {
          again = false;
          wake();
        } else schedule();
      });
  };

  const schedule = (): void => {
    if (stopped && flights.size === 0) return;
    const due = rows.range(keys.later(partition), { limit: 1 })[0];
    const dueInMs = due === undefined ? Number.POSITIVE_INFINITY : dueAtMs(due.key) - Date.now();
    timer = setTimeout(wake, Math.max(1, Math.min(flights.size > 0 ? CANCEL_POLL_MS : SCAN_EVERY_MS, dueInMs)));
    // Rows alone do not keep a process alive; whoever owns the driver does.
    timer.unref();
  };

  const look = async (): Promise<void> => {
    await heedCancels();
    if (stopped) return;
    await reclaim();
    await startDue();
    await startReady();
  };

  const heedCancels = async (): Promise<void> => {
    for (const { key } of rows.range(keys.cancel(partition))) {
      const callId = lastPart(key);
      const flight = flights.get(callId);
      if (flight === undefined) continue;
      const row = rows.get<ControlRow>(keys.control(callId));
      flight.controller.abort(cancelledCall(callId));
      if (row?.terminate === true) params.endContainers?.(callId);
    }
  };

  /** Calls held by a driver whose process has died are lost. */
  const reclaim = async (): Promise<void> => {
    const prefix = keys.held(partition);
    for (let after: string | undefined; ;) {
      const key = rows.range(prefix, { after, limit: 1 })[0]?.key;
      if (key === undefined) return;
      const holder = key.slice(prefix.length, key.lastIndexOf("#"));
      after = `${keys.held(partition, holder)}\uffff`;
      if (params.isAlive(holder)) continue;
      const lost = rows.range(keys.held(partition, holder)).map((row) => lastPart(row.key));
      await Promise.all(lost.map((callId) => finish(callId, holder, { status: "lost", reason: "the process that ran it has ended" })));
    }
  };

  const startDue = async (): Promise<void> => {
    const nowMs = Date.now();
    for (const { key } of rows.range(keys.later(partition), { limit: 10 * DRIVER_WINDOW })) {
      if (dueAtMs(key) > nowMs) return;
      const callId = lastPart(key);
      await rows.transact((tx) => {
        const row = tx.get<ControlRow>(keys.control(callId));
        if (row?.state.status !== "pending" || row.place !== key) return;
        const ready = `${keys.ready(partition, row.ref.name)}${sortableMs(row.createdAtMs)}#${callId}`;
        tx.delete(key);
        tx.put(ready, 1);
        tx.put(keys.control(callId), { ...row, place: ready } satisfies ControlRow);
      });
    }
  };

  const startReady = async (): Promise<void> => {
    const prefix = keys.ready(partition);
    for (let after: string | undefined; ;) {
      const key = rows.range(prefix, { after, limit: 1 })[0]?.key;
      if (key === undefined) return;
      const fn = key.slice(prefix.length, key.indexOf("#", prefix.length));
      after = `${keys.ready(partition, fn)}\uffff`;
      const room = DRIVER_WINDOW - (perFunction.get(fn) ?? 0);
      if (room > 0) await Promise.all(rows.range(keys.ready(partition, fn), { limit: room }).map((row) => start(lastPart(row.key))));
    }
  };

  /** Takes the lease; only then is the call anyone's business. */
  const start = async (callId: string): Promise<void> => {
    const row = await rows.transact((tx) => {
      const before = tx.get<ControlRow>(keys.control(callId));
      if (stopped || flights.has(callId) || before === undefined) return undefined;
      const state = transition(
        before.state,
        { type: "start", delivery: before.state.delivery, lease: owner, leaseUntilMs: null },
        NO_RETRIES,
      );
      if (state === before.state) return undefined;
      putControl(tx, keys, callId, before, state, Date.now());
      return { ...before, state };
    });
    if (row === undefined) return;
    const controller = new AbortController();
    const fn = row.ref.name;
    perFunction.set(fn, (perFunction.get(fn) ?? 0) + 1);
    const done = fly(callId, row, controller.signal).finally(() => {
      flights.delete(callId);
      perFunction.set(fn, (perFunction.get(fn) ?? 1) - 1);
      wake();
    });
    flights.set(callId, { controller, done });
  };

  const fly = async (callId: string, row: ControlRow, signal: AbortSignal): Promise<void> => {
    await finish(callId, owner, await attempt(callId, row, signal), row.state.delivery);
  };

  const attempt = async (callId: string, row: ControlRow, signal: AbortSignal): Promise<AttemptResult> => {
    try {
      const input = readInput(rows, keys, row.ref, callId);
      if (input === undefined) return failed(new NotFoundError(`The input of call "${callId}" is gone.`));
      const envelope: Envelope = { ...input, attempt: row.state.attempt };
      return await functions.invoke(row.ref, envelope, { signal });
    } catch (error) {
      // A closing engine has not run it; a later driver will.
      if (TenonError.is(error) && error.code === "CLIENT_CLOSED") return { status: "not-started", reason: error.message, retryAfterMs: 0 };
      return failed(error);
    }
  };

  /** Writes down how an attempt ended, if it is still the holder's to say. */
  const finish = async (callId: string, holder: string, result: AttemptResult, delivery?: number): Promise<void> => {
    const nowMs = Date.now();
    const next = await rows.transact((tx) => {
      const row = tx.get<ControlRow>(keys.control(callId));
      if (row?.state.status !== "running") return undefined;
      const event = attemptEnded({ delivery: delivery ?? row.state.delivery, lease: holder }, result, nowMs);
      // A Function that is not there any more can't be retried.
      const state = transition(row.state, event, params.retries(row.ref) ?? NO_RETRIES);
      if (state === row.state) return undefined;
      putControl(tx, keys, callId, row, state, nowMs, isEnded(state) ? finalOutcome(callId, state, result) : undefined);
      return { ref: row.ref, state, attempt: row.state.attempt };
    });
    if (next === undefined) return;
    if (isEnded(next.state)) params.settled(callId);
    else report(next.ref, callId, next.state, next.attempt, result, nowMs);
  };

  const report = (ref: FunctionRef, callId: string, state: CallState, attempt: number, result: AttemptResult, nowMs: number): void => {
    const about = { app: ref.app, fn: ref.name, call: callId };
    if (result.status === "lost") params.onEvent?.({ code: "INPUT_LOST", ...about, reason: result.reason });
    if (result.status !== "failed" && result.status !== "timed-out") return;
    const delayMs = state.status === "pending" ? Math.max(0, state.notBeforeMs - nowMs) : 0;
    params.onEvent?.({ code: "INPUT_RETRIED", ...about, attempt, delayMs, error: `${result.error.className}: ${result.error.message}` });
  };

  wake();
  return {
    wake,
    hasUnfinished: () =>
      [keys.ready(partition), keys.later(partition), keys.held(partition)].some((prefix) => rows.range(prefix, { limit: 1 }).length > 0),
    async drain() {
      stopped = true;
      wake();
      await looking;
      while (flights.size > 0) await Promise.all([...flights.values()].map((flight) => flight.done));
      clearTimeout(timer);
    },
  };
}

// --- Internal helpers ---

function dueAtMs(dueKey: string): number {
  return Number(lastPart(dueKey.slice(0, dueKey.lastIndexOf("#"))));
}

function failed(error: unknown): AttemptResult {
  return { status: "failed", error: encodeError(error) };
}
