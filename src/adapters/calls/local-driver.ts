import { isEnded } from "../../model/call-state.ts";
import { NotFoundError, TenonError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { EventSink } from "../../ports/events.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { cancelledCall } from "./errors.ts";
import { CANCEL_POLL_MS, DRIVER_WINDOW, SCAN_EVERY_MS } from "./limits.ts";
import { CallFlights } from "./local-flights.ts";
import { CallLedger, type CallLedgerParams, type CallStep } from "./local-ledger.ts";
import { callKeys, type ControlRow } from "./local-rows.ts";

/** What a driver of durable calls needs. A partition may have a second driver while an old one drains. */
export interface CallDriverParams extends Omit<CallLedgerParams, "keys"> {
  readonly environment: string;
  readonly isAlive: (owner: string) => boolean;
  readonly functions: FunctionsPort;
  /** Told of each call that got its outcome here. */
  readonly settled: (callId: string) => void;
  /** Ends the container that runs a call, for a cancel that asks for it. */
  readonly endContainers?: ((callId: string) => void) | undefined;
  readonly onEvent?: EventSink | undefined;
}

/** Starts a driver; it looks at the rows at once. */
export function startCallDriver(params: CallDriverParams): CallDriver {
  const driver = new CallDriver(params);
  driver.wake();
  return driver;
}

/**
 * Drives the durable calls of a partition: hands each to `functions`, attempt by attempt, as the table of call states
 * says, and writes every step down before the next. A driver that is killed leaves rows from which another goes
 * on: what it held is lost and runs again.
 */
export class CallDriver {
  readonly #params: CallDriverParams;
  readonly #ledger: CallLedger;
  readonly #flights: CallFlights = new CallFlights();
  #isDraining = false;
  #looking: Promise<void> | undefined;
  #again = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(params: CallDriverParams) {
    this.#params = params;
    this.#ledger = new CallLedger({ ...params, keys: callKeys(params.environment) });
  }

  /** Looks at the rows now: a call was spawned or is to be cancelled. */
  wake(): void {
    if (this.#isDone()) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    clearTimeout(this.#timer);
    // An error of the rows (a full disk) passes or stays: the next look tries again.
    this.#looking = this.#look()
      .catch(() => {})
      .finally(() => {
        this.#looking = undefined;
        if (!this.#again) return this.#schedule();
        this.#again = false;
        this.wake();
      });
  }

  /** Whether a call of the partition has no outcome yet. */
  hasUnfinished(): boolean {
    return this.#ledger.hasUnfinished();
  }

  /** Starts no further call and resolves when those under way have come back. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    this.wake();
    await this.#looking;
    await this.#flights.landed();
    clearTimeout(this.#timer);
  }

  #isDone(): boolean {
    return this.#isDraining && this.#flights.size === 0;
  }

  #schedule(): void {
    if (this.#isDone()) return;
    const pollMs = this.#flights.size > 0 ? CANCEL_POLL_MS : SCAN_EVERY_MS;
    this.#timer = setTimeout(() => this.wake(), Math.max(1, Math.min(pollMs, this.#ledger.nextDueAtMs() - Date.now())));
    // Rows alone do not keep a process alive; the owner of the driver does.
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    this.#heedCancels();
    if (this.#isDraining) return;
    await this.#reclaim();
    await this.#ledger.enqueueDue(Date.now());
    for (const fn of this.#ledger.readyFunctions()) {
      const room = DRIVER_WINDOW - this.#flights.countOf(fn);
      if (room > 0) await Promise.all(this.#ledger.ready(fn, room).map((callId) => this.#start(callId)));
    }
  }

  #heedCancels(): void {
    for (const { callId, terminate } of this.#ledger.cancelRequests()) {
      if (this.#flights.abort(callId, cancelledCall(callId)) && terminate) this.#params.endContainers?.(callId);
    }
  }

  /** Calls held by a driver whose process has died are lost. */
  async #reclaim(): Promise<void> {
    const lost = { status: "lost", reason: "the process that ran it has ended" } as const;
    for (const holder of this.#ledger.holders()) {
      if (this.#params.isAlive(holder)) continue;
      await Promise.all(this.#ledger.heldBy(holder).map((callId) => this.#finish(callId, holder, lost)));
    }
  }

  async #start(callId: string): Promise<void> {
    const row = await this.#ledger.lease(callId, () => this.#isDraining || this.#flights.has(callId));
    if (row === undefined) return;
    const fly = async (signal: AbortSignal): Promise<void> =>
      this.#finish(callId, this.#params.owner, await this.#attempt(callId, row, signal), row.state.delivery);
    void this.#flights.add(callId, row.ref.name, fly).finally(() => this.wake());
  }

  async #attempt(callId: string, row: ControlRow, signal: AbortSignal): Promise<AttemptResult> {
    try {
      const input = this.#ledger.input(row.ref, callId);
      if (input === undefined) throw new NotFoundError(`The input of call "${callId}" is gone.`);
      return await this.#params.functions.invoke(row.ref, { ...input, attempt: row.state.attempt }, { signal });
    } catch (error) {
      // A closing engine has not run it; a later driver will.
      if (TenonError.is(error) && error.code === "CLIENT_CLOSED") return { status: "not-started", reason: error.message, retryAfterMs: 0 };
      return { status: "failed", error: encodeError(error) };
    }
  }

  async #finish(callId: string, holder: string, result: AttemptResult, delivery?: number): Promise<void> {
    const step = await this.#ledger.finish(callId, holder, result, delivery);
    if (step === undefined) return;
    if (isEnded(step.state)) this.#params.settled(callId);
    else this.#report(callId, step, result);
  }

  #report(callId: string, { ref, attempt, delayMs }: CallStep, result: AttemptResult): void {
    const { onEvent } = this.#params;
    const about = { app: ref.app, fn: ref.name, call: callId };
    if (result.status === "lost") onEvent?.({ code: "INPUT_LOST", ...about, reason: result.reason });
    if (result.status !== "failed" && result.status !== "timed-out") return;
    onEvent?.({ code: "INPUT_RETRIED", ...about, attempt, delayMs, error: `${result.error.className}: ${result.error.message}` });
  }
}
