import type { FunctionRef } from "../model/function-spec.ts";
import type { AttemptResult } from "../model/outcome.ts";
import type { EncodedValue } from "../model/encoded.ts";
import type { Envelope } from "../wire/envelope.ts";
import type { OperationsOf } from "./operation.ts";

/** Per-attempt settings. */
export interface InvokeParams {
  /** Aborting it cancels the input; the promise then resolves with `cancelled`. */
  readonly signal?: AbortSignal | undefined;
}

/** What callers keep to where every attempt is a request over a network. */
export interface FarCallerLimits {
  /** Callers do not hold a connection for a Function whose `timeoutMs` is longer: they spawn, and get. */
  readonly longestHeldMs: number;
  /** Inputs that a map has under way before the first has come back; each that comes back makes room for two. */
  readonly firstWindow: number;
  /** Inputs that a map inside a container has under way at most: it has fewer sockets than a process elsewhere. */
  readonly containerWindow: number;
  /** How long a body's own call is asked for again that there is no room for; then it is spawned. */
  readonly refusedMs: number;
  /** How long such a spawned call may wait for its start, on average: its caller holds a container that others wait for. */
  readonly unstartedMs: number;
}

/** Runs single attempts of Functions in containers; retries and lost inputs are the caller's business. */
export interface FunctionsPort {
  /** Absent where the containers are near: on this machine, or beside the caller. */
  readonly farCaller?: FarCallerLimits | undefined;
  /**
   * Runs one attempt and resolves with how it ended: user errors, timeouts and lost containers are results.
   * Rejects only when the Function can't be reached at all (`NotFoundError`, `PermissionDeniedError`,
   * `CallDepthError`, a closed client).
   */
  invoke(ref: FunctionRef, envelope: Envelope, params?: InvokeParams): Promise<AttemptResult>;
  /**
   * Runs one attempt of a generator: yields each item as it is made and returns how the attempt ended (`value` of
   * a success is the generator's return value). Ending the iteration early cancels the input. At most
   * {@link STREAM_WINDOW_ITEMS} items are made ahead of the consumer.
   */
  stream(ref: FunctionRef, envelope: Envelope, params?: InvokeParams): AsyncGenerator<EncodedValue, AttemptResult, void>;
}

/** Items a generator may run ahead of its consumer. */
export const STREAM_WINDOW_ITEMS = 64;

/** The port's operations as data. */
export const functionsOperations = {
  invoke: {
    shape: "blocking",
    app: { args: "0.app" },
    values: { args: ["1.args", "1.params"], answer: ["value"] },
    parent: "1.parent",
    signal: 2,
    answersLost: true,
  },
  stream: {
    shape: "stream",
    app: { args: "0.app" },
    values: { args: ["1.args", "1.params"], item: [""], answer: ["value"] },
    parent: "1.parent",
    signal: 2,
    answersLost: true,
  },
} as const satisfies OperationsOf<FunctionsPort>;
