import { FunctionTimeoutError, ProcessExitError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import { decodeDurableTurn, type DurableTurn } from "../wire/durable-turn.ts";
import { encodeError } from "../wire/error-codec.ts";

/**
 * Exit code of a Lambda process that its watchdog ends because a body blocks past its `timeoutMs`: the process can't
 * say so itself, Lambda's record of the failure does.
 */
export const BLOCKED_EXIT_CODE = 124;

/** Exit code of a Lambda process that can't be trusted any more and has not started the input it was given. */
export const NOT_STARTED_EXIT_CODE = 125;

/** What Lambda says of an event that it could not bring to an end. */
export interface FailureRecord {
  readonly turn: DurableTurn;
  readonly requestId: string;
  /** Whether the function was invoked with it at all: not when it grew too old in Lambda's queue. */
  readonly invoked: boolean;
  /** How that ended, for the call; `not-started` when the process gave it back. */
  readonly result: AttemptResult;
}

/**
 * Reads the record that Lambda sends to the destination for failed events; `undefined` for anything else.
 *
 * A process that exits with a code is user code that ended it, and a failure of the call. One that was killed, or whose
 * handler failed, has lost the call.
 */
export function readFailureRecord(body: unknown): FailureRecord | undefined {
  if (typeof body !== "object" || body === null || !("requestPayload" in body)) return undefined;
  const { requestPayload, requestContext, responsePayload } = body as {
    readonly requestPayload: unknown;
    readonly requestContext?: { readonly requestId?: string; readonly condition?: string };
    readonly responsePayload?: { readonly errorType?: string; readonly errorMessage?: string } | null;
  };
  const turn = decodeDurableTurn(requestPayload);
  if (turn === undefined) return undefined;
  const invoked = requestContext?.condition !== "EventAgeExceeded" && responsePayload !== undefined && responsePayload !== null;
  const { errorType = "", errorMessage = "" } = responsePayload ?? {};
  return { turn, requestId: requestContext?.requestId ?? "", invoked, result: resultOf(turn.fn, errorType, errorMessage) };
}

// --- Internal helpers ---

function resultOf(fn: string, type: string, message: string): AttemptResult {
  const exit = /exit status (\d+)/.exec(message)?.[1];
  const exitCode = exit === undefined ? null : Number(exit);
  if (exitCode === NOT_STARTED_EXIT_CODE) return { status: "not-started", reason: "its container had to end", retryAfterMs: 0 };
  if (exitCode === BLOCKED_EXIT_CODE || type === "Sandbox.Timedout" || /Task timed out after/.test(message)) {
    const error = new FunctionTimeoutError(`Function "${fn}" ran longer than its timeoutMs and did not let anything else run.`, {
      hint: "Give it a larger timeoutMs, or less work per call; a body that awaits now and then is ended sooner.",
    });
    return { status: "timed-out", error: encodeError(error) };
  }
  if (exitCode !== null || /exited without providing a reason/.test(message)) {
    const error = new ProcessExitError(`The process of Function "${fn}" ended with the exit code ${exitCode ?? 0}.`, {
      exitCode: exitCode ?? 0,
      hint: "Return or throw instead of ending the process.",
    });
    return { status: "failed", error: encodeError(error) };
  }
  return { status: "lost", reason: [type, message].filter((text) => text !== "").join(": ") || "Lambda gave no reason" };
}
