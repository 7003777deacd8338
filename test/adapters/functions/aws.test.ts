import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAwsBackend } from "../../../src/adapters/backend.ts";
import { userExitStatus } from "../../../src/adapters/functions/aws-exit-status.ts";
import { resultOfFunctionError, resultOfRejection, type Tried } from "../../../src/adapters/functions/aws-failure.ts";
import { ExecutionError, InvalidError, NotFoundError, PermissionDeniedError } from "../../../src/model/errors.ts";
import type { AttemptResult } from "../../../src/model/outcome.ts";
import type { Backend } from "../../../src/ports/backend.ts";
import { encode } from "../../../src/wire/codec.ts";
import type { Envelope } from "../../../src/wire/envelope.ts";
import { decodeError } from "../../../src/wire/error-codec.ts";
import { type SmallAws, startSmallAws } from "../../helpers/lambda/front.ts";

const ref = { app: "wordcount", name: "count" };
const tried: Tried = { ref, attempt: 2, environment: "dev", lambda: "tenon-dev-wordcount-count-0", signal: undefined };
const envelope: Envelope = { v: 1, callId: "fc-1", inputId: "in-1", attempt: 1, args: encode(["hi"], "args"), root: "fc-1", depth: 0 };

describe("an Invoke that Lambda does not answer", () => {
  let aws: SmallAws;
  let backend: Backend;
  beforeAll(async () => {
    process.env["AWS_ACCESS_KEY_ID"] ??= "test";
    process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
    aws = await startSmallAws();
    backend = createAwsBackend({ environment: "dev", region: "us-east-1", endpoint: aws.endpoint });
  });
  afterAll(async () => {
    await backend.close();
    await aws.close();
  });
  const refusedFor = (reason: string): Promise<AttemptResult> => {
    aws.refuseNext(1, 429, "TooManyRequestsException", reason);
    return backend.functions.invoke(ref, envelope);
  };
  const notStarted = (result: AttemptResult): Extract<AttemptResult, { status: "not-started" }> => {
    if (result.status === "not-started") return result;
    throw new TypeError(`it is ${result.status}`);
  };

  test("for want of room has not started, and is not repeated by the SDK", async () => {
    aws.refuseNext(2, 429, "TooManyRequestsException");
    aws.seen.length = 0;
    const result = await backend.functions.invoke(ref, envelope);
    expect(result).toMatchObject({ status: "not-started", reason: expect.stringContaining("had no room") as string });
    const waitsMs = result.status === "not-started" ? result.retryAfterMs : 0;
    expect(waitsMs).toBeGreaterThan(0);
    expect(aws.seen).toEqual(["Invoke"]);
    const stream = backend.functions.stream(ref, envelope);
    expect(await stream.next()).toMatchObject({ done: true, value: { status: "not-started" } });
  });

  test("because the function itself may run nothing says so, and what to do", async () => {
    const { refusal: none } = notStarted(await refusedFor("ConcurrentInvocationLimitExceeded"));
    expect(none).toBeUndefined();
    const { refusal } = notStarted(await refusedFor("ReservedFunctionConcurrentInvocationLimitExceeded"));
    expect(refusal?.says).toMatch(/AWS has refused it as throttled, with the reason ReservedFunctionConcurrentInvocationLimitExceeded/);
    expect(refusal?.hint).toMatch(/`tenon app list`.*`tenon deploy`/);
  });

  test("after it was sent on a new connection is lost, and sent once", async () => {
    const fresh = createAwsBackend({ environment: "dev", region: "us-east-1", endpoint: aws.endpoint });
    aws.breakNext(1);
    aws.seen.length = 0;
    expect(await fresh.functions.invoke(ref, envelope)).toMatchObject({ status: "lost" });
    expect(aws.seen).toEqual(["Invoke"]);
    aws.breakNext(1);
    expect(await fresh.functions.stream(ref, envelope).next()).toMatchObject({ done: true, value: { status: "lost" } });
    await fresh.close();
  });

  test("with an error of its own is lost", async () => {
    aws.refuseNext(1, 500, "ServiceException");
    expect(await backend.functions.invoke(ref, envelope)).toMatchObject({ status: "lost" });
  });

  test("for a function that is not there is NotFoundError", async () => {
    await expect(backend.functions.invoke(ref, envelope)).rejects.toThrow(NotFoundError);
    await expect(backend.functions.invoke(ref, envelope)).rejects.toThrow(/^App "wordcount" has no Function "count" in environment "dev"/);
  });

  test("for want of a permission says which action is missing", async () => {
    aws.refuseNext(1, 403, "AccessDeniedException");
    const error = await backend.functions.invoke(ref, envelope).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PermissionDeniedError);
    expect((error as Error).message).toContain("lambda:InvokeFunction");
  });

  test("because nobody is there rejects: nothing was sent", async () => {
    const nowhere = createAwsBackend({ environment: "dev", region: "us-east-1", endpoint: "http://127.0.0.1:9" });
    await expect(nowhere.functions.invoke(ref, envelope)).rejects.toThrow(ExecutionError);
    await nowhere.close();
  });

  test("because its caller went away is cancelled", async () => {
    const result = await backend.functions.invoke(ref, envelope, { signal: AbortSignal.abort() });
    expect(result.status).toBe("cancelled");
  });
});

describe("a function that ended without an answer", () => {
  const outcome = (errorType: string, message: string): unknown => {
    const result = resultOfFunctionError(errorType, message, tried);
    return "error" in result ? [result.status, decodeError(result.error).name] : [result.status];
  };

  test.each([
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 7", ["failed", "ProcessExitError"]],
    [
      "Runtime.ExitError",
      "RequestId: 1 Error: Runtime exited with error: signal: virtual timer expired",
      ["timed-out", "FunctionTimeoutError"],
    ],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 154", ["timed-out", "FunctionTimeoutError"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: signal: killed", ["lost"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: signal: aborted (core dumped)", ["lost"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited without providing a reason", ["failed", "ProcessExitError"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 210", ["not-started"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 211", ["cancelled", "InputCancelledError"]],
    ["Runtime.ExitError", "RequestId: 1 Error: Runtime exited with error: exit status 212", ["failed", "ProcessExitError"]],
    ["Runtime.TruncatedResponse", "", ["lost"]],
    ["Sandbox.Timeout", "", ["timed-out", "FunctionTimeoutError"]],
    ["Runtime.OutOfMemory", "Runtime exited", ["lost"]],
    ["Sandbox.Timedout", "RequestId: 1 Error: Task timed out after 5.00 seconds", ["timed-out", "FunctionTimeoutError"]],
    ["", "2026-01-01T00:00:00Z 1 Task timed out after 5.00 seconds", ["timed-out", "FunctionTimeoutError"]],
    ["Runtime.ImportModuleError", "Error: Cannot find module 'runtime'", ["failed", "ExecutionError"]],
    ["Function.ResponseSizeTooLarge", "Response payload size exceeded maximum", ["failed", "ExecutionError"]],
  ])("%s, %s", (errorType, message, expected) => {
    expect(outcome(errorType, message)).toEqual(expected);
  });

  test("says the exit code", () => {
    const result = resultOfFunctionError("Runtime.ExitError", "Runtime exited with error: exit status 7", tried);
    expect("error" in result && decodeError(result.error)).toMatchObject({ exitCode: 7 });
  });
});

test("user code that ends the process with a status of Tenon's own ends it with another, however the system cuts it to a byte", () => {
  expect([0, 7, 154, 210, 211, 210 + 256, 210 - 256, 7 + 256].map(userExitStatus)).toEqual([0, 7, 212, 212, 212, 212, 212, 7 + 256]);
});

test("credentials that AWS does not know are PermissionDeniedError", () => {
  const error = Object.assign(new TypeError("expired"), { name: "ExpiredTokenException", $metadata: { httpStatusCode: 403 } });
  expect(() => resultOfRejection(error, tried)).toThrow(PermissionDeniedError);
});

test("an environment's name must be one that AWS resources can carry", () => {
  expect(() => createAwsBackend({ environment: "My_Env" })).toThrow(InvalidError);
});
