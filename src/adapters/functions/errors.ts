import {
  ExecutionError,
  FunctionTimeoutError,
  InputCancelledError,
  InternalFailure,
  InvalidError,
  type NotFoundError,
  PermissionDeniedError,
  ProcessExitError,
  SerializationError,
  type TenonError,
} from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import { showNumber } from "../../util/show-value.ts";
import type { FunctionRef } from "../../model/function-spec.ts";

const named = (ref: FunctionRef): string => `Function "${ref.name}" of App "${ref.app}"`;

/** There is no Lambda function of this name. */
export function unknownFunction(ref: FunctionRef, environment: string, lambda: string, cause: unknown): NotFoundError {
  return functionNotFound(ref, {
    where: `environment "${environment}" on AWS, where it would be the Lambda function ${lambda}`,
    hint: "Deploy its App, or check the names, the environment (TENON_ENVIRONMENT) and the region (AWS_REGION).",
    cause,
  });
}

/** AWS refused an operation; `action` is the IAM action that it takes. */
export function deniedAction(action: string, resource: string, cause: unknown): PermissionDeniedError {
  const said = cause instanceof Error ? ` AWS says: ${cause.message}` : "";
  return new PermissionDeniedError(`The action ${action} on ${resource} is not allowed to whoever calls.${said}`, {
    cause,
    hint: `Allow ${action} on it to the caller's user or role. A Function may call those of its own App; others only through a handle at module level.`,
  });
}

/** AWS does not know who calls. */
export function unknownCaller(cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`AWS does not accept the caller's credentials: ${cause.message}`, {
    cause,
    hint: "Sign in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  });
}

/** Nobody answers where AWS should be. */
export function unreachable(service: string, cause: Error): TenonError {
  if (cause.message === "Region is missing")
    return new InvalidError("No AWS region is named.", {
      cause,
      hint: "Set AWS_REGION, or a region in the profile that AWS_PROFILE names.",
    });
  return new ExecutionError(`${service} can't be reached: ${cause.message}`, {
    cause,
    hint: "Check the network, the region (AWS_REGION) and, with an emulator, AWS_ENDPOINT_URL.",
  });
}

/** AWS answered with an error that is none of the caller's. */
export function failedOperation(operation: string, cause: Error): InternalFailure {
  return new InternalFailure(`${operation} failed: ${cause.name}: ${cause.message}`, { cause });
}

/** A payload that Lambda does not take. */
export function tooLarge(ref: FunctionRef, cause: unknown): SerializationError {
  return new SerializationError(`The arguments of ${named(ref)} are larger than Lambda takes.`, {
    cause,
    hint: "Send less, or write it to a bucket that both sides can read.",
  });
}

/** The caller went away; the body on Lambda is not told of it. */
export function cancelledInput(ref: FunctionRef): InputCancelledError {
  return new InputCancelledError(`A call of ${named(ref)} was cancelled by its caller. On Lambda the body may go on to its end.`);
}

/** User code ended its process, and no answer came from it. */
export function endedProcess(ref: FunctionRef, exitCode: number): ProcessExitError {
  return new ProcessExitError(`${named(ref)} ended its process with exit code ${exitCode}`, {
    exitCode,
    hint: "Return or throw instead: the container serves other inputs too.",
  });
}

/** The body blocked past its `timeoutMs` and was ended, or Lambda's own timeout came first. */
export function ranTooLong(ref: FunctionRef, attempt: number): FunctionTimeoutError {
  return new FunctionTimeoutError(`${named(ref)} ran longer than its timeoutMs (attempt ${attempt}); its container was ended.`, {
    hint: "Give it a larger timeoutMs, or less work per call.",
  });
}

/** Its module, or what is awaited at its top level, took too long. */
export function startedTooLate(name: string, startupTimeoutMs: number): FunctionTimeoutError {
  return new FunctionTimeoutError(`Function "${name}" did not start within its startupTimeoutMs of ${showNumber(startupTimeoutMs)} ms`, {
    hint: "give it a larger startupTimeoutMs, or do less while its module loads",
  });
}

/** The function could not start, or failed outside the loop. */
export function brokenContainer(ref: FunctionRef, errorType: string, message: string): ExecutionError {
  return new ExecutionError(`${named(ref)} could not run on Lambda: ${errorType}: ${message}`, {
    hint: "The function's log says more. Deploying the App again replaces what was deployed.",
  });
}
