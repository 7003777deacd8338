import type { FunctionRef } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { jittered } from "../../util/jitter.ts";
import { encodeError } from "../../wire/error-codec.ts";
import {
  brokenContainer,
  cancelledInput,
  deniedAction,
  endedProcess,
  failedOperation,
  ranTooLong,
  tooLarge,
  unknownCaller,
  unknownFunction,
  unreachable,
} from "./errors.ts";
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
  const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  if (THROTTLES.has(error.name) || $metadata?.httpStatusCode === 429)
    return { status: "not-started", reason: `Lambda had no room: ${error.message}`, retryAfterMs: jittered(THROTTLE_RETRY_MS) };
  if (UPDATES.has(error.name))
    return { status: "not-started", reason: `Lambda is not ready: ${error.message}`, retryAfterMs: jittered(UPDATE_RETRY_MS) };
  if (error.name === "ResourceNotFoundException") throw unknownFunction(tried.ref, tried.environment, tried.lambda, error);
  if (error.name === "AccessDeniedException") throw deniedAction("lambda:InvokeFunction", `the Lambda function ${tried.lambda}`, error);
  if (NO_CREDENTIALS.has(error.name)) throw unknownCaller(error);
  if (error.name === "RequestTooLargeException") throw tooLarge(tried.ref, error);
  if (NEVER_SENT.has(String(code))) throw unreachable("AWS Lambda", error);
  const status = $metadata?.httpStatusCode;
  if (status === undefined) return { status: "lost", reason: `the connection to Lambda broke: ${error.message}` };
  if (status >= 500) return { status: "lost", reason: `Lambda answered with ${status} ${error.name}: ${error.message}` };
  throw failedOperation(`Invoke of ${tried.lambda}`, error);
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

/** The result of an input whose caller went away. */
export function cancelled(ref: FunctionRef): AttemptResult {
  return { status: "cancelled", error: encodeError(cancelledInput(ref)) };
}

// --- Internal helpers ---

const THROTTLES = new Set(["TooManyRequestsException", "ThrottlingException", "EC2ThrottledException", "ENILimitReachedException"]);
const UPDATES = new Set(["ResourceConflictException", "ResourceNotReadyException"]);
const NO_CREDENTIALS = new Set([
  "CredentialsProviderError",
  "UnrecognizedClientException",
  "InvalidSignatureException",
  "InvalidClientTokenId",
  "ExpiredTokenException",
  "MissingAuthenticationTokenException",
]);
/** Nothing had left when these happened. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);
/** `WATCHDOG_SIGNAL` as a shell, Node and Go write it. */
const WATCHDOG = /virtual timer expired|SIGVTALRM|exit status 154\b/;

function timedOut({ ref, attempt }: Tried): AttemptResult {
  return { status: "timed-out", error: encodeError(ranTooLong(ref, attempt)) };
}
