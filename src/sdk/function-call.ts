import { InvalidError, TenonError } from "../model/errors.ts";
import { checkFunctionCallId } from "../model/names.ts";
import { checkOptionNames, checkOptionsObject } from "../model/option-checks.ts";
import type { Backend } from "../ports/backend.ts";
import { showValue } from "../util/show-value.ts";
import { registerHandle } from "../wire/codec.ts";
import { valueOf } from "../wire/final-outcome.ts";
import type { Client } from "./client.ts";
import { callerSignal } from "./calls/target.ts";
import { findBackend, needBackend, refuseWhileLoading } from "./calls/backend.ts";

const BRAND = Symbol.for("tenon.function-call");
const INSPECT = Symbol.for("nodejs.util.inspect.custom");

/** How long `get` waits. */
export interface FunctionCallGetParams {
  /** Milliseconds; 0 looks once. @default - for ever */
  readonly timeoutMs?: number | undefined;
}

/** How far `cancel` goes. */
export interface FunctionCallCancelParams {
  /** Whether the container that runs the call is killed as well; other inputs of it run again elsewhere. @default false */
  readonly terminateContainers?: boolean | undefined;
}

/** Where `fromId` looks. */
export interface FunctionCallFromIdParams {
  /** @default - the App's run in this process that has the call, or the backend that `TENON_BACKEND` names */
  readonly client?: Client | undefined;
}

/**
 * A spawned call: it goes on without its caller, and its outcome is kept for 7 days. A call of an App that runs in this
 * process ends with the run.
 *
 * @example
 * import { FunctionCall, RemoteFunction } from "tenon";
 *
 * const count = RemoteFunction.fromName<(text: string) => Promise<number>>("wordcount", "count");
 * const call = await count.spawn("to be or not to be");
 * console.log(call.functionCallId);
 * console.log(await FunctionCall.fromId<number>(call.functionCallId).get({ timeoutMs: 60_000 }));
 */
export class FunctionCall<R = unknown> {
  /** `fc-…`: the same for a caller's own `callId`, whoever spawns the Function with it. */
  readonly functionCallId: string;
  readonly #client: Client | undefined;
  readonly #backend: Backend | undefined;

  protected constructor(functionCallId: string, client: Client | undefined, backend: Backend | undefined) {
    this.functionCallId = functionCallId;
    this.#client = client;
    this.#backend = backend;
    Object.defineProperty(this, BRAND, { value: true });
  }

  /** @internal */
  static spawned<R>(functionCallId: string, backend: Backend): FunctionCall<R> {
    return new FunctionCall<R>(functionCallId, undefined, backend);
  }

  /**
   * The call with this `functionCallId`, wherever it was spawned. It asks nothing. Throws `InvalidError` for what can't be one;
   * a `callId` that a caller chose is none: `fn.spawned(callId)` gives its call.
   */
  static fromId<R = unknown>(functionCallId: string, params: FunctionCallFromIdParams = {}): FunctionCall<R> {
    checkOptionNames("fromId", checkOptionsObject("fromId", params), { known: ["client"] });
    return new FunctionCall<R>(checkFunctionCallId(functionCallId), params.client, undefined);
  }

  /** The results of several calls, in the order given. Rejects with the first failure; the others go on. */
  static async gather<const C extends readonly FunctionCall<unknown>[]>(
    ...calls: C
  ): Promise<{ -readonly [K in keyof C]: C[K] extends FunctionCall<infer R> ? R : never }> {
    const results = await Promise.all(calls.map((call) => call.get()));
    return results as { -readonly [K in keyof C]: C[K] extends FunctionCall<infer R> ? R : never };
  }

  /**
   * Waits for the result; it can be asked for again. Rejects with the call's own error, `OutputTimeoutError` after
   * `timeoutMs`, `NotFoundError` for an unknown call, `OutputExpiredError` after 7 days.
   */
  async get(params: FunctionCallGetParams = {}): Promise<R> {
    checkOptionNames("get", checkOptionsObject("get", params), { known: ["timeoutMs"], renamed: { timeout: "timeoutMs" } });
    const { timeoutMs } = params;
    if (timeoutMs !== undefined && !(timeoutMs >= 0))
      throw new InvalidError(`get: timeoutMs is ${showValue(timeoutMs)}. It must be a number of milliseconds, 0 or more.`, {
        hint: "Write 0 to look once, or leave it out to wait for the outcome.",
      });
    const backend = await this.#connected();
    return valueOf(await backend.calls.get(this.functionCallId, { timeoutMs, signal: callerSignal() })) as R;
  }

  /** Requests the end of the call. A call that has its outcome keeps it. `get` then rejects with `InputCancelledError`. */
  async cancel(params: FunctionCallCancelParams = {}): Promise<void> {
    checkOptionNames("cancel", checkOptionsObject("cancel", params), { known: ["terminateContainers"] });
    const backend = await this.#connected();
    await backend.calls.cancel(this.functionCallId, { terminateContainers: params.terminateContainers });
  }

  /** `FunctionCall(fc-…)`. */
  toString(): string {
    return `FunctionCall(${this.functionCallId})`;
  }

  /** Refuses: JSON would lose what it is. */
  toJSON(): never {
    throw new InvalidError(`${this.toString()} can't be turned into JSON.`, {
      hint: "Write its functionCallId, and read it with FunctionCall.fromId.",
    });
  }

  /** @internal */
  [INSPECT](): string {
    return this.toString();
  }

  async #connected(): Promise<Backend> {
    if (this.#backend !== undefined) return this.#backend;
    const client = this.#client;
    const known = refuseWhileLoading(this.toString());
    const runs = client === undefined && known.backend === undefined ? [...new Set(known.runs.values())] : [];
    for (const run of runs) if (await hasCall(run, this.functionCallId)) return run;
    // Where nothing else is named, a run says that it does not know the call.
    return findBackend(known, { client }) ?? runs[0] ?? needBackend(this.toString(), { client });
  }
}

async function hasCall(run: Backend, callId: string): Promise<boolean> {
  try {
    await run.calls.status(callId);
    return true;
  } catch (error) {
    if (TenonError.is(error) && error.code === "NOT_FOUND") return false;
    throw error;
  }
}

registerHandle("FunctionCall", {
  is: (value) => typeof value === "object" && value !== null && BRAND in value,
  toData: (value) => (value as FunctionCall).functionCallId,
  fromData: (data) => FunctionCall.fromId(data as string),
});
