import {
  ExecutionError,
  InternalFailure,
  InvalidError,
  PermissionDeniedError,
  ResourceExhaustedError,
  type TenonError,
} from "../../model/errors.ts";

/**
 * What an error of AWS, or of the way to it, means:
 *
 * - `throttled`: there was no room. Nothing was done.
 * - `not-ready`: what was asked for is being made or changed. Nothing was done.
 * - `missing`: what was asked for is not there.
 * - `denied`: the caller lacks the right.
 * - `unknown-caller`: the caller has no credentials, or AWS does not accept them, or they have expired.
 * - `too-large`: the request is larger than AWS takes.
 * - `crowded`: this process has no descriptor left for the request. It never left.
 * - `unsent`: the request never left: no region, no network, nothing listens there.
 * - `broken`: the connection broke, or the answer came too late. What was asked for may have been done.
 * - `server`: AWS answered with an error of its own (5xx). What was asked for may have been done.
 * - `other`: AWS refused the request for another reason.
 */
export type AwsFailureKind =
  | "throttled"
  | "not-ready"
  | "missing"
  | "denied"
  | "unknown-caller"
  | "too-large"
  | "crowded"
  | "unsent"
  | "broken"
  | "server"
  | "other";

/** An error of the AWS SDK, and what it means. */
export interface AwsFailure {
  readonly kind: AwsFailureKind;
  readonly error: Error;
  /** The HTTP status of AWS's answer; `undefined` when there was none. */
  readonly status: number | undefined;
}

/** What was asked of AWS, in AWS's own words. */
export interface AwsRequest {
  /** The service's name, such as `Amazon S3`. */
  readonly service: string;
  /** The IAM action that the request takes, such as `s3:GetObject`. */
  readonly action: string;
  /** What it was to be done to, such as `s3://bucket/key`. */
  readonly resource: string;
}

/** Says what a rejection of the AWS SDK means. */
export function readAwsFailure(thrown: unknown): AwsFailure {
  const error = thrown instanceof Error ? thrown : new TypeError(String(thrown));
  const { code, $metadata } = error as { code?: unknown; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return { kind: NAMES.get(error.name) ?? kindOf(error, code, status), error, status };
}

/** Whether a rejection of the AWS SDK is of one kind. */
export function isAwsFailure(thrown: unknown, kind: AwsFailureKind): boolean {
  return readAwsFailure(thrown).kind === kind;
}

/** Whether AWS refused it for want of a right, in AWS's words or already in ours. */
export function isDenied(thrown: unknown): boolean {
  return thrown instanceof PermissionDeniedError || isAwsFailure(thrown, "denied");
}

/** The error of a request that can't be answered in another way: one for each kind of {@link AwsFailure}. */
export function awsError(thrown: unknown, { action, resource, service }: AwsRequest): TenonError {
  const { error, kind } = readAwsFailure(thrown);
  if (kind === "denied") return action === "s3:GetObject" ? deniedObject(resource, error) : deniedAction(action, resource, error);
  if (kind === "unknown-caller") return unknownCaller(error);
  if (kind === "crowded") return noDescriptor(error);
  if (kind === "unsent" || kind === "broken") return unreachable(service, error);
  return failedOperation(`${action} of ${resource}`, error);
}

/** AWS refused an operation; `action` is the IAM action that it takes. */
export function deniedAction(action: string, resource: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`The caller may not do ${action} on ${resource}. AWS says: ${cause.message}`, {
    cause,
    hint: `Allow ${action} on it to the caller's user or role. A Function may call those of its own App; others only through a handle at module level.`,
  });
}

/** S3 gave no object: to a caller who may not list the bucket it says of one that is missing the same as of one that is denied. */
function deniedObject(resource: string, cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`${resource} is not there, or the caller may not read it (s3:GetObject). AWS says: ${cause.message}`, {
    cause,
    hint: "See whether it is there as somebody who has s3:ListBucket; if it is, allow s3:GetObject on it to the caller's user or role.",
  });
}

/** AWS does not know the caller. */
export function unknownCaller(cause: Error): PermissionDeniedError {
  return new PermissionDeniedError(`AWS does not accept the caller's credentials: ${cause.message}`, {
    cause,
    hint: "Sign in (aws sso login), or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  });
}

/** Nothing answers where AWS should be. */
export function unreachable(service: string, cause: Error): TenonError {
  if (cause.message === NO_REGION)
    return new InvalidError("No AWS region is named.", {
      cause,
      hint: "Set AWS_REGION, or a region in the profile that AWS_PROFILE names.",
    });
  return new ExecutionError(`${service} can't be reached: ${cause.message}`, {
    cause,
    hint: "Check the network, the region (AWS_REGION) and, with an emulator, AWS_ENDPOINT_URL.",
  });
}

/** This process has opened as many files and sockets as it may. */
export function noDescriptor(cause: Error): ResourceExhaustedError {
  return new ResourceExhaustedError(`This process has no file descriptor left for a request to AWS: ${cause.message}`, {
    cause,
    hint: "Use fewer files and sockets at the same time: a process on Lambda has 1,024 descriptors.",
  });
}

/** AWS answered with an error that is not the caller's. */
export function failedOperation(operation: string, cause: Error): InternalFailure {
  return new InternalFailure(`${operation} failed: ${cause.name}: ${cause.message}`, { cause });
}

// --- Internal helpers ---

/** The names of errors by what they mean. The services do not agree on theirs. */
const NAMES_OF: Partial<Readonly<Record<AwsFailureKind, readonly string[]>>> = {
  throttled: [
    "TooManyRequestsException",
    "ThrottlingException",
    "Throttling",
    "RequestLimitExceeded",
    "ProvisionedThroughputExceededException",
    "EC2ThrottledException",
    "ENILimitReachedException",
    "SlowDown",
    // SQS says these with the status of a denial.
    "RequestThrottled",
    "KmsThrottled",
  ],
  "not-ready": ["ResourceConflictException", "ResourceNotReadyException"],
  missing: ["ResourceNotFoundException", "ParameterNotFound", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue", "NoSuchKey"],
  denied: ["AccessDenied", "AccessDeniedException"],
  "unknown-caller": [
    "CredentialsProviderError",
    "TokenProviderError",
    "UnrecognizedClientException",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "InvalidClientTokenId",
    "InvalidAccessKeyId",
    "InvalidToken",
    "ExpiredToken",
    "ExpiredTokenException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
  ],
  "too-large": ["RequestTooLargeException"],
};

const NAMES = new Map(Object.entries(NAMES_OF).flatMap(([kind, names]) => names.map((name) => [name, kind as AwsFailureKind] as const)));

/** Codes of the network with which nothing has left. */
const UNSENT_CODES = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "ENETUNREACH", "EHOSTUNREACH"]);
/** Codes with which a connection is not made for want of descriptors. */
const CROWDED_CODES = new Set(["EMFILE", "ENFILE", "EAGAIN"]);
/** The SDK's own words for a client without a region. */
const NO_REGION = "Region is missing";

/** What an error means whose name does not say it. */
function kindOf(error: Error, code: unknown, status: number | undefined): AwsFailureKind {
  if (CROWDED_CODES.has(String(code))) return "crowded";
  if (UNSENT_CODES.has(String(code)) || error.message === NO_REGION) return "unsent";
  if (status === undefined) return "broken";
  if (status === 429) return "throttled";
  if (status === 403) return "denied";
  if (status >= 500) return "server";
  // CloudFormation has no name for it.
  if (error.name === "ValidationError" && /does not exist/i.test(error.message)) return "missing";
  return "other";
}
