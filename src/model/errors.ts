const BRAND = Symbol.for("tenon.error");

/** What a Tenon error carries beside its message. */
export interface TenonErrorOptions {
  /** What to do about it: one sentence that begins with a verb, shown on a line of its own. */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/**
 * Base of every error that Tenon throws.
 *
 * `code` is stable and meant for programs; `message` says what happened, the value given and what is allowed;
 * `hint` says what to do. `TenonError.is` also knows errors made by another copy of the package.
 *
 * @example
 * try {
 *   await count.remote("some text");
 * } catch (error) {
 *   if (TenonError.is(error) && error.code === "FUNCTION_TIMEOUT") console.log(error.hint);
 * }
 */
export class TenonError extends Error {
  readonly code: string = "TENON";
  readonly hint: string | undefined;

  constructor(message: string, options: TenonErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.hint = options.hint;
    Object.defineProperty(this, BRAND, { value: true });
    // Neither belongs to the error's own data when it is printed or sent.
    Object.defineProperty(this, "name", { enumerable: false });
    if (options.hint === undefined) Object.defineProperty(this, "hint", { enumerable: false });
  }

  /** Whether a value is a Tenon error, whichever copy of the package made it. */
  static is(value: unknown): value is TenonError {
    return typeof value === "object" && value !== null && BRAND in value;
  }
}

/** A wrong name, option or use. */
export class InvalidError extends TenonError {
  override readonly code: string = "INVALID";
}

/** The state of things forbids it now, such as a second run of a running App. */
export class ConflictError extends InvalidError {
  override readonly code: string = "CONFLICT";
}

/** No such App, Function, call or object. */
export class NotFoundError extends TenonError {
  override readonly code: string = "NOT_FOUND";
}

/** It exists already. */
export class AlreadyExistsError extends TenonError {
  override readonly code: string = "ALREADY_EXISTS";
}

/** The caller's reach does not include it. */
export class PermissionDeniedError extends TenonError {
  override readonly code: string = "PERMISSION_DENIED";
}

/** A limit on rate or capacity was met. */
export class ResourceExhaustedError extends TenonError {
  override readonly code: string = "RESOURCE_EXHAUSTED";
}

/** Used in a place or a state where it can't work, such as a remote call while a module loads. */
export class ExecutionError extends TenonError {
  override readonly code: string = "EXECUTION";
}

/** Calls nested deeper than the App allows. */
export class CallDepthError extends ExecutionError {
  override readonly code: string = "CALL_DEPTH";
}

/** User code ended its process. */
export class ProcessExitError extends ExecutionError {
  override readonly code: string = "PROCESS_EXIT";
  /** The process's exit code; `null` when there was none. */
  readonly exitCode: number | null;

  constructor(message: string, options: TenonErrorOptions & { readonly exitCode?: number | null } = {}) {
    super(message, options);
    this.exitCode = options.exitCode ?? null;
  }
}

/** Base of every "it took too long". */
export class TimeoutError extends TenonError {
  override readonly code: string = "TIMEOUT";
}

/** One attempt of a Function ran longer than its `timeoutMs`. */
export class FunctionTimeoutError extends TimeoutError {
  override readonly code: string = "FUNCTION_TIMEOUT";
}

/** The caller waited for an output as long as it wanted to; the call itself goes on. */
export class OutputTimeoutError extends TimeoutError {
  override readonly code: string = "OUTPUT_TIMEOUT";
}

/** The output is older than its retention of 7 days. */
export class OutputExpiredError extends TimeoutError {
  override readonly code: string = "OUTPUT_EXPIRED";
}

/** The input was cancelled; never retried. */
export class InputCancelledError extends TenonError {
  override readonly code: string = "INPUT_CANCELLED";
}

/** Lost by the platform, after all free re-runs. */
export class InternalFailure extends TenonError {
  override readonly code: string = "INTERNAL_FAILURE";
}

/** The client or the App's run is closed. */
export class ClientClosedError extends TenonError {
  override readonly code: string = "CLIENT_CLOSED";
}

/** Two versions of Tenon, or of what it sends, that do not fit together. */
export class VersionError extends TenonError {
  override readonly code: string = "VERSION";
}

/** A value that can't be sent; the message names the path to it. */
export class SerializationError extends TenonError {
  override readonly code: string = "SERIALIZATION";
}

/** A value, a key or a list of them that is larger than what one request may hold. */
export class RequestSizeError extends TenonError {
  override readonly code: string = "REQUEST_SIZE";
}

/** Bytes that do not hold a value. */
export class DeserializationError extends TenonError {
  override readonly code: string = "DESERIALIZATION";
}

/** The App's code could not be bundled. */
export class BundleError extends TenonError {
  override readonly code: string = "BUNDLE";
}

/** A remote error of a class that the caller does not have. */
export class RemoteError extends TenonError {
  override readonly code: string = "REMOTE";
  /** The name of the class it had where it was thrown. */
  readonly remoteClass: string;

  constructor(message: string, options: TenonErrorOptions & { readonly remoteClass?: string; readonly name?: string } = {}) {
    super(message, options);
    this.remoteClass = options.remoteClass ?? "Error";
    if (options.name !== undefined)
      Object.defineProperty(this, "name", { value: options.name, enumerable: false, configurable: true, writable: true });
  }
}

/** Every error class that may cross a process and arrive as itself, by name. */
export const ERROR_CLASSES = {
  TenonError,
  InvalidError,
  ConflictError,
  NotFoundError,
  AlreadyExistsError,
  PermissionDeniedError,
  ResourceExhaustedError,
  ExecutionError,
  CallDepthError,
  ProcessExitError,
  TimeoutError,
  FunctionTimeoutError,
  OutputTimeoutError,
  OutputExpiredError,
  InputCancelledError,
  InternalFailure,
  ClientClosedError,
  VersionError,
  SerializationError,
  DeserializationError,
  RequestSizeError,
  BundleError,
  RemoteError,
} as const;

// A bundle that is made small gives classes short names; an error says what it is by the name of its class.
for (const [name, value] of Object.entries(ERROR_CLASSES)) Object.defineProperty(value, "name", { value: name });
