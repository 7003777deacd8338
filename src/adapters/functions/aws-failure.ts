import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { jittered } from "../../util/jitter.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { awsError, readAwsFailure } from "../aws/failures.ts";
import { brokenContainer, cancelledInput, endedProcess, ranTooLong, tooLarge, unknownFunction } from "./errors.ts";
import { THROTTLE_RETRY_MS, UPDATE_RETRY_MS } from "./limits.ts";

/** What was tried. */
export interface Tried {
  readonly ref: FunctionRef;
  readonly attempt: number;
  readonly environment: string;
  /** Name of the Lambda function. */
  readonly lambda: string;
  readonly signal: AbortSignal | undefined;
}

/**
 * What became of an attempt whose request Lambda, or the way to it, did not answer.
 *
 * A refusal for want of room never started; a connection lost after sending may have. Throws when the Function can't
 * be reached at all.
 */
export function resultOfRejection(thrown: unknown, tried: Tried): AttemptResult {
  if (tried.signal?.aborted === true) return cancelled(tried.ref);
  const { error, kind, status } = readAwsFailure(thrown);
  switch (kind) {
    case "throttled":
      return {
        status: "not-started",
        reason: `Lambda had no room: ${error.message}`,
        retryAfterMs: jittered(THROTTLE_RETRY_MS),
        noRoom: true,
      };
    case "crowded":
      return { status: "not-started", reason: `no descriptor is left: ${error.message}`, retryAfterMs: jittered(THROTTLE_RETRY_MS) };
    case "not-ready":
      return { status: "not-started", reason: `Lambda is not ready: ${error.message}`, retryAfterMs: jittered(UPDATE_RETRY_MS) };
    case "broken":
      return { status: "lost", reason: `the connection to Lambda broke: ${error.message}` };
    case "server":
      return { status: "lost", reason: `Lambda answered with ${status} ${error.name}: ${error.message}` };
    case "missing":
      throw unknownFunction(tried.ref, tried.environment, tried.lambda, error);
    case "too-large":
      throw tooLarge(tried.ref, error);
    default:
      throw awsError(error, { service: "AWS Lambda", action: "lambda:InvokeFunction", resource: `the Lambda function ${tried.lambda}` });
  }
}

/**
 * What became of an attempt whose function ended without an answer of its own.
 *
 * `Runtime.ExitError` with a code is user code's doing; with the watchdog's signal, a body that blocked; with any
 * other signal (the memory's end is one), a loss.
 */
export function resultOfFunctionError(errorType: string, message: string, tried: Tried): AttemptResult {
  if (errorType === "Sandbox.Timedout" || /\bTask timed out after\b/.test(message)) return timedOut(tried);
  if (errorType === "Runtime.OutOfMemory") return { status: "lost", reason: "it used more memory than memoryMiB" };
  if (errorType === "Runtime.ExitError" || /Runtime exited\b/.test(message)) {
    if (WATCHDOG.test(message)) return timedOut(tried);
    const code = /exit status (\d+)/.exec(message)?.[1];
    if (code !== undefined) return { status: "failed", error: encodeError(endedProcess(tried.ref, Number(code))) };
    const signal = /signal: ([\w -]+)/.exec(message)?.[1]?.trim();
    const reason = signal === "killed" ? "killed, as a container is that uses more memory than memoryMiB" : (signal ?? "no reason given");
    return { status: "lost", reason: `its process on Lambda ended: ${reason}` };
  }
  if (errorType === "Sandbox.Failure" || errorType === "Runtime.Unknown") return { status: "lost", reason: `${errorType}: ${message}` };
  return { status: "failed", error: encodeError(brokenContainer(tried.ref, errorType, message)) };
}

/** The payload of an unhandled error, in Lambda's words. */
export function readFunctionError(payload: string): { readonly errorType: string; readonly message: string } {
  try {
    const { errorType, errorMessage } = JSON.parse(payload) as { errorType?: unknown; errorMessage?: unknown };
    return {
      errorType: typeof errorType === "string" ? errorType : "",
      message: typeof errorMessage === "string" ? errorMessage : payload,
    };
  } catch {
    return { errorType: "", message: payload.slice(0, 1_000) };
  }
}

/** The result of an input whose caller is gone. */
export function cancelled(ref: FunctionRef): AttemptResult {
  return { status: "cancelled", error: encodeError(cancelledInput(ref)) };
}

// --- Internal helpers ---

/** `WATCHDOG_SIGNAL` as a shell, Node and Go write it. */
const WATCHDOG = /virtual timer expired|SIGVTALRM|exit status 154\b/;

function timedOut({ ref, attempt }: Tried): AttemptResult {
  return { status: "timed-out", error: encodeError(ranTooLong(ref, attempt)) };
}
