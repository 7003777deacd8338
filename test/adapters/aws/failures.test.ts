import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type AwsFailureKind, awsError, isAwsFailure, readAwsFailure } from "../../../src/adapters/aws/failures.ts";
import { createLambdaApi } from "../../../src/adapters/aws/lambda.ts";
import { resultOfRejection } from "../../../src/adapters/functions/aws-failure.ts";

const request = { service: "Amazon S3", action: "s3:GetObject", resource: "s3://bucket/key" };

/** An error as the SDK makes it of an answer, or, without a status, of a connection. */
function failure(name: string, status?: number, more: object = {}): Error {
  return Object.assign(new TypeError("AWS's words"), {
    name,
    ...(status === undefined ? {} : { $metadata: { httpStatusCode: status } }),
    ...more,
  });
}

describe("an error of AWS", () => {
  test.each<[string, number | undefined, AwsFailureKind]>([
    ["TooManyRequestsException", 429, "throttled"],
    ["ProvisionedThroughputExceededException", 400, "throttled"],
    ["SlowDown", 503, "throttled"],
    ["RequestThrottled", 403, "throttled"],
    ["SomethingNew", 429, "throttled"],
    ["ResourceConflictException", 409, "not-ready"],
    ["ResourceNotFoundException", 404, "missing"],
    ["ParameterNotFound", 400, "missing"],
    ["QueueDoesNotExist", 400, "missing"],
    ["AccessDeniedException", 400, "denied"],
    ["AccessDenied", 403, "denied"],
    ["Forbidden", 403, "denied"],
    ["ExpiredTokenException", 403, "unknown-caller"],
    ["InvalidAccessKeyId", 403, "unknown-caller"],
    ["CredentialsProviderError", undefined, "unknown-caller"],
    ["RequestTooLargeException", 413, "too-large"],
    ["TimeoutError", undefined, "broken"],
    ["ServiceException", 500, "server"],
    ["InvalidParameterValueException", 400, "other"],
  ])("of the name %s with the status %s is %s", (name, status, kind) => {
    expect(readAwsFailure(failure(name, status))).toMatchObject({ kind, status });
  });

  test("of a stack that is not there has no name of its own", () => {
    const named = (message: string): Error => Object.assign(failure("ValidationError", 400), { message });
    expect(isAwsFailure(named("Stack with id tenon-dev does not exist"), "missing")).toBe(true);
    expect(isAwsFailure(named("Template format error"), "missing")).toBe(false);
  });

  test("of a connection that was refused was never sent; one that broke may have been", () => {
    expect(readAwsFailure(failure("Error", undefined, { code: "ECONNREFUSED" })).kind).toBe("unsent");
    expect(readAwsFailure(failure("Error", undefined, { code: "EMFILE" })).kind).toBe("crowded");
    expect(readAwsFailure(failure("Error", undefined, { code: "ECONNRESET" })).kind).toBe("broken");
    expect(readAwsFailure("no error at all").kind).toBe("broken");
  });

  test.each([
    [
      failure("AccessDenied", 403),
      "PermissionDeniedError",
      /^s3:\/\/bucket\/key is not there, or the caller may not read it \(s3:GetObject\)\. AWS says: AWS's words$/,
    ],
    [failure("ExpiredToken", 400), "PermissionDeniedError", /does not accept the caller's credentials/],
    [failure("Error", undefined, { code: "EMFILE" }), "ResourceExhaustedError", /^This process has no file descriptor left/],
    [failure("TimeoutError"), "ExecutionError", /^Amazon S3 can't be reached/],
    [failure("NoSuchKey", 404), "InternalFailure", /^s3:GetObject of s3:\/\/bucket\/key failed: NoSuchKey/],
  ])("%s becomes %s", (error, name, message) => {
    const made = awsError(error, request);
    expect(made.name).toBe(name);
    expect(made.message).toMatch(message);
    expect(made.cause).toBe(error);
  });
});

test("without a region nothing is sent, and the error says what to set", async () => {
  vi.stubEnv("AWS_REGION", undefined);
  vi.stubEnv("AWS_CONFIG_FILE", import.meta.filename);
  onTestFinished(() => void vi.unstubAllEnvs());
  const error: unknown = await createLambdaApi({})
    .invoke("f", "{}", undefined)
    .catch((thrown: unknown) => thrown);
  const tried = { ref: { app: "a", name: "f" }, attempt: 1, environment: "dev", lambda: "f", signal: undefined };
  expect(() => resultOfRejection(error, tried)).toThrow("No AWS region is named.");
});
