import type { FunctionRef } from "../model/function-spec.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Envelope } from "../wire/envelope.ts";
import type { OperationsOf } from "./operation.ts";

/** What is known of a durable call without its value. */
export interface CallStatus {
  readonly callId: string;
  readonly ref: FunctionRef;
  readonly state: "pending" | "running" | "succeeded" | "failed" | "timed-out" | "cancelled";
  /** Attempts started that counted, the running one included. */
  readonly attempt: number;
  readonly createdAtMs: number;
  readonly finishedAtMs?: number;
}

/** Durable calls: accepted once, driven by the backend until they have their one outcome, kept 7 days. */
export interface CallsPort {
  /**
   * Accepts a call and gives its id, which is {@link CallsPort.idOf} of the envelope's. When it resolves, the call survives its
   * caller and a crash of whoever runs it. For an id that is known already nothing happens: it is the idempotency key.
   */
  spawn(ref: FunctionRef, envelope: Envelope): Promise<string>;
  /** The id of a Function's call that was, or will be, spawned with this call id in its envelope. Such a call need not exist. */
  idOf(ref: FunctionRef, callId: string): Promise<string>;
  /**
   * Waits for a call's outcome; it is not consumed.
   *
   * Rejects with `OutputTimeoutError` after `timeoutMs` (0 looks once; absent waits for ever), `NotFoundError` for
   * an unknown id, `OutputExpiredError` when the call is older than the retention.
   */
  get(callId: string, params?: { readonly timeoutMs?: number | undefined; readonly signal?: AbortSignal | undefined }): Promise<Outcome>;
  /** Asks for the end of a call. One that has its outcome already keeps it. `terminateContainers` also kills its container. */
  cancel(callId: string, params?: { readonly terminateContainers?: boolean | undefined }): Promise<void>;
  /** What is known of a call now. Rejects with `NotFoundError`. */
  status(callId: string): Promise<CallStatus>;
}

/** The port's operations as data. */
export const callsOperations = {
  spawn: { shape: "once", app: { args: "0.app" }, values: { args: ["1.args", "1.params"] } },
  idOf: { shape: "once", app: { args: "0.app" } },
  get: { shape: "blocking", call: "0", values: { answer: ["value"] }, signal: 1 },
  cancel: { shape: "once", call: "0" },
  status: { shape: "once", call: "0", app: { answer: "ref.app" } },
} as const satisfies OperationsOf<CallsPort>;
