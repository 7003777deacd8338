import {
  ExecutionError,
  FunctionTimeoutError,
  InputCancelledError,
  InternalFailure,
  type NotFoundError,
  ProcessExitError,
  SerializationError,
} from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { EXIT_STATUS } from "./aws-exit-status.ts";

const named = (ref: FunctionRef): string => `Function "${ref.name}" of App "${ref.app}"`;

/** There is no Lambda function of this name. */
export function unknownFunction(ref: FunctionRef, environment: string, lambda: string, cause: unknown): NotFoundError {
  return functionNotFound(ref, {
    where: `environment "${environment}" on AWS, where it would be the Lambda function ${lambda}`,
    hint: "Deploy its App, or check the names, the environment (TENON_ENVIRONMENT) and the region (AWS_REGION).",
    cause,
  });
}

/** A payload that Lambda does not take. */
export function tooLarge(ref: FunctionRef, cause: unknown): SerializationError {
  return new SerializationError(`The arguments of ${named(ref)} are larger than Lambda takes.`, {
    cause,
    hint: "Send less, or write it to a bucket that both sides can read.",
  });
}

/** The caller is gone; the body on Lambda is not told of it. */
export function cancelledInput(ref: FunctionRef): InputCancelledError {
  return new InputCancelledError(`A call of ${named(ref)} was cancelled by its caller. On Lambda the body may go on to its end.`);
}

/** User code ended its process, and no answer came from it. */
export function endedProcess(ref: FunctionRef, exitCode: number): ProcessExitError {
  return new ProcessExitError(`${named(ref)} ended its process with exit code ${exitCode}.`, {
    exitCode,
    hint: "Return or throw instead: the container serves other inputs too.",
  });
}

/** User code ended its process with an exit code that is Tenon's own; which one is not known any more. */
export function takenExitCode(ref: FunctionRef): ProcessExitError {
  const codes = Object.values(EXIT_STATUS).join(", ");
  return new ProcessExitError(`${named(ref)} ended its process with an exit code that Tenon uses itself, one of ${codes}.`, {
    exitCode: EXIT_STATUS.taken,
    hint: "Return or throw instead, or exit with another code: the container serves other inputs too.",
  });
}

/** The role of a Function lacks a right that its container needs; `words` name the action and what it was to be done to. */
export function deniedContainer(ref: FunctionRef, words: string): InternalFailure {
  return new InternalFailure(`${named(ref)} could not do its call, because its role lacks a right. ${words}`, {
    hint: "Deploy the App again, which gives the role its rights, or look for what denies them: a boundary, an organization's policy.",
  });
}

/** The body blocked past its `timeoutMs` and was ended, or Lambda's own timeout came first. */
export function ranTooLong(ref: FunctionRef, attempt: number): FunctionTimeoutError {
  return new FunctionTimeoutError(`${named(ref)} ran longer than its timeoutMs (attempt ${attempt}); its container was ended.`, {
    hint: "Give it a larger timeoutMs, or less work per call.",
  });
}

/** The function could not start, or failed outside the loop. */
export function brokenContainer(ref: FunctionRef, errorType: string, message: string): ExecutionError {
  return new ExecutionError(`${named(ref)} could not run on Lambda: ${errorType}: ${message}`, {
    hint: "Read the function's log, or deploy the App again, which replaces what was deployed.",
  });
}
