import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult, Refusal } from "../../model/outcome.ts";
import { jittered } from "../../util/jitter.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { awsError, readAwsFailure } from "../aws/failures.ts";
import { brokenContainer, cancelledInput, endedProcess, ranTooLong, takenExitCode, tooLarge, unknownFunction } from "./errors.ts";
import { EXIT_STATUS } from "./aws-exit-status.ts";
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
        refusal: refusalOf(error),
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

/** How Lambda ends a stream whose process has ended before its last byte. */
export const TRUNCATED = "Runtime.TruncatedResponse";

/**
 * What became of an attempt whose function ended without an answer that counts: it gave none, or its process ended before it
 * asked for the next invocation, which Lambda takes for the same.
 */
export function resultOfFunctionError(errorType: string, message: string, tried: Tried): AttemptResult {
  if (/^Sandbox\.Time(?:d?out)$/.test(errorType) || /\bTask timed out after\b/.test(message)) return timedOut(tried);
  if (errorType === "Runtime.OutOfMemory") return { status: "lost", reason: "it used more memory than memoryMiB" };
  // Of a stream that had begun, Lambda does not say how its process ended.
  if (errorType === TRUNCATED) return { status: "lost", reason: "its process on Lambda ended in the middle of its stream" };
  if (errorType === "Runtime.ExitError" || /Runtime exited\b/.test(message)) return resultOfExit(message, tried);
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

/** The result of an input that ran out of time, and whose process could not say so. */
export function timedOut({ ref, attempt }: Tried): AttemptResult {
  return { status: "timed-out", error: encodeError(ranTooLong(ref, attempt)) };
}

// --- Internal helpers ---

/** Lambda's reason where the function itself may run nothing more. `tenon app stop` lets it run nothing at all. */
const OWN_LIMIT = "ReservedFunctionConcurrentInvocationLimitExceeded";

function refusalOf(error: Error): Refusal | undefined {
  if ((error as { readonly Reason?: unknown }).Reason !== OWN_LIMIT) return undefined;
  return {
    says: `Until then AWS has refused it as throttled, with the reason ${OWN_LIMIT}: a stopped App runs nothing.`,
    hint: "Run `tenon app list` to see whether the App is stopped, and `tenon deploy` to start it again.",
  };
}

/** `WATCHDOG_SIGNAL` as Node and Go write it. */
const WATCHDOG = /virtual timer expired|SIGVTALRM/;

/**
 * What the end of a process means: an exit status of the container's own says why it ended; any other code is user code's
 * doing; the watchdog's signal, a body that blocked; any other signal (the memory's end is one), a loss.
 */
function resultOfExit(message: string, tried: Tried): AttemptResult {
  if (WATCHDOG.test(message)) return timedOut(tried);
  // Lambda's words for the exit code 0.
  const code = /exited without providing a reason/.test(message) ? "0" : /exit status (\d+)/.exec(message)?.[1];
  switch (code && Number(code)) {
    case undefined: {
      const signal = /signal: ([\w -]+)/.exec(message)?.[1]?.trim();
      const reason = signal === "killed" ? "killed, as a container is that uses more memory than memoryMiB" : (signal ?? "no reason given");
      return { status: "lost", reason: `its process on Lambda ended: ${reason}` };
    }
    case EXIT_STATUS.watchdog:
      return timedOut(tried);
    case EXIT_STATUS.notStarted:
      return { status: "not-started", reason: "the container ended before it took the input", retryAfterMs: 0 };
    case EXIT_STATUS.cancelled:
      return cancelled(tried.ref);
    case EXIT_STATUS.taken:
      return { status: "failed", error: encodeError(takenExitCode(tried.ref)) };
    default:
      return { status: "failed", error: encodeError(endedProcess(tried.ref, Number(code))) };
  }
}
