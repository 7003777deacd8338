import { readFileSync } from "node:fs";
import { join } from "node:path";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import { functionName } from "../../src/model/aws-names.ts";
import { durableCallId } from "../../src/model/call-ids.ts";
import type { EncodedValue } from "../../src/model/encoded.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { inputOf } from "../../src/testing/contract.ts";
import { decode } from "../../src/wire/codec.ts";
import { encodeDelivery } from "../../src/wire/delivery.ts";
import { decodeError } from "../../src/wire/error-codec.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";

const FIXTURE = join(import.meta.dirname, "../fixtures/lambda-app.ts");

let deployed: DeployedForTest;
let backend: Backend;
beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  deployed = await deployForTest(FIXTURE);
  const { environment, aws } = deployed;
  backend = createAwsBackend({ environment, region: "us-east-1", endpoint: aws.endpoint });
});
afterAll(async () => {
  await backend.close();
  await deployed.close();
});

const ref = (name: string) => ({ app: "on-lambda", name });
const invoke = (name: string, ...args: unknown[]): Promise<AttemptResult> => backend.functions.invoke(ref(name), inputOf(...args));
/** An environment that could not load its App starts nothing more: the input is for another one, as its caller sees to it. */
const invokeAnew = async (name: string): Promise<AttemptResult> => {
  const result = await invoke(name);
  return result.status === "not-started" ? invoke(name) : result;
};
const valueOf = (result: AttemptResult): unknown => (result.status === "succeeded" ? decode(result.value) : result);
const errorOf = (result: AttemptResult): Error | undefined => ("error" in result ? decodeError(result.error) : undefined);
const drain = async (name: string): Promise<{ items: unknown[]; result: AttemptResult }> => {
  const items: unknown[] = [];
  const stream: AsyncGenerator<EncodedValue, AttemptResult, void> = backend.functions.stream(ref(name), inputOf());
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { items, result: next.value };
    items.push(decode(next.value));
  }
};

test("a payload made by hand works, as with `aws lambda invoke`", async () => {
  const client = new LambdaClient({ region: "us-east-1", endpoint: deployed.aws.endpoint });
  const name = functionName(deployed.environment, "on-lambda", "greet");
  const { Payload } = await client.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from('{"args":["you"]}') }));
  expect(JSON.parse(Buffer.from(Payload ?? []).toString())).toEqual({ result: { status: "succeeded", value: "hello you" }, parts: [] });
  const odd = await client.send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from('{"Records":[]}') }));
  expect(JSON.parse(Buffer.from(odd.Payload ?? []).toString())).toMatchObject({
    result: { status: "failed", error: { className: "DeserializationError" } },
  });
  client.destroy();
});

test("each line is one record of its input, and a success is no line of its own", async () => {
  const { aws } = deployed;
  aws.lines.length = 0;
  const input = inputOf("log");
  await backend.functions.invoke(ref("greet"), input);
  await expect.poll(() => aws.lines).toHaveLength(2);
  const records = aws.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  const mine = { app: "on-lambda", fn: "greet", call: input.callId, input: input.inputId, attempt: 1 };
  expect(records[0]).toMatchObject({ stream: "stdout", text: "greeting log", ...mine });
  expect(records[1]).toMatchObject({ stream: "stderr", text: "without an end", ...mine });
});

test("a failure is one line of metrics, of the App", async () => {
  const { aws } = deployed;
  aws.lines.length = 0;
  expect((await invoke("broken")).status).toBe("failed");
  const greet = functionName(deployed.environment, "on-lambda", "greet");
  const client = new LambdaClient({ region: "us-east-1", endpoint: aws.endpoint });
  await client.send(new InvokeCommand({ FunctionName: greet, Payload: Buffer.from('{"Records":[]}') }));
  client.destroy();
  await expect.poll(() => aws.lines.filter((line) => line.includes("CloudWatchMetrics"))).toHaveLength(1);
  const line = JSON.parse(aws.lines.find((each) => each.includes("CloudWatchMetrics"))!) as unknown;
  expect(line).toMatchObject({ Environment: "test", App: "on-lambda", Errors: 1, ErrorClass: "DeserializationError" });
});

test("a container whose body went on after its time takes nothing more", async () => {
  expect((await invoke("late", 60_000)).status).toBe("timed-out");
  expect(await invoke("late", 0)).toMatchObject({ status: "not-started", retryAfterMs: 0 });
  await expect.poll(() => deployed.aws.alive(functionName("test", "on-lambda", "late"))).toBe(0);
  expect(valueOf(await invoke("late", 0))).toEqual(expect.any(Number));
});

describe("a generator", () => {
  test("that blocks past its timeoutMs is timed out, after its items", async () => {
    const { items, result } = await drain("stuck");
    expect(items).toEqual(["first"]);
    expect(errorOf(result)?.name).toBe("FunctionTimeoutError");
  });

  test("that ends its process fails with the exit code, after its items", async () => {
    const { items, result } = await drain("leaving");
    expect(items).toEqual(["first"]);
    expect(errorOf(result)).toMatchObject({ name: "ProcessExitError", exitCode: 3 });
  });
});

test("a durable call whose role is denied its rows says so in the call's log, and fails with the denial", async () => {
  const { aws, environment } = deployed;
  aws.lines.length = 0;
  const client = new LambdaClient({ region: "us-east-1", endpoint: aws.endpoint });
  const callId = durableCallId(environment, ref("greet"), "denied");
  const Payload = Buffer.from(encodeDelivery({ callId, fn: "greet", delivery: 1 }));
  const answer = await client.send(new InvokeCommand({ FunctionName: functionName(environment, "on-lambda", "greet"), Payload }));
  client.destroy();
  const denied = /not authorized to perform: dynamodb:\w+ on resource: arn:aws:dynamodb:/;
  expect(JSON.parse(Buffer.from(answer.Payload ?? []).toString())).toMatchObject({
    errorType: "PermissionDeniedError",
    errorMessage: expect.stringMatching(denied) as string,
  });
  const records = aws.lines.filter((line) => line.startsWith('{"t":')).map((line) => JSON.parse(line) as object);
  expect(records).toContainEqual(
    expect.objectContaining({ stream: "system", call: callId, text: expect.stringMatching(denied) as string }),
  );
});

test("values above the limit of a payload go through the bucket, both ways", async () => {
  const { aws } = deployed;
  aws.objects.clear();
  const bytes = Buffer.alloc(7 * 1024 * 1024, "large");
  const input = inputOf(bytes);
  const value = valueOf(await backend.functions.invoke(ref("large"), input)) as { input: string; bytes: Buffer };
  expect(value.input).toBe(input.inputId);
  expect(bytes.equals(value.bytes)).toBe(true);
  expect([...aws.objects.keys()]).toEqual([
    `/tenon-test-000000000000-us-east-1/in/on-lambda/large/${input.callId}/${input.inputId}`,
    `/tenon-test-000000000000-us-east-1/out/on-lambda/large/${input.callId}/${input.inputId}/1`,
  ]);
});

test("a container loads what its calls need when the first of them needs it, and of the AWS SDK one service at a time", async () => {
  const { aws } = deployed;
  const loadedBy = async (how: string): Promise<readonly string[]> => {
    aws.lines.length = 0;
    expect(await invoke("calling", how)).toMatchObject({ status: "succeeded" });
    // What the SDK says of the Node that it runs on is no line of the Function's.
    expect(aws.lines.filter((line) => line.includes("NodeVersionSupportWarning"))).toEqual([]);
    const files = aws.lines.map((line) => /^load file:.*\/(?!node_modules)([\w-]+\.m?js)$/.exec(line)?.[1]);
    return files.filter((file) => file !== undefined && !/^(?:index|watchdog)\./.test(file)).toSorted() as string[];
  };
  expect(await loadedBy("nothing")).toEqual(["app.mjs", "init.mjs", "runtime.mjs"]);
  expect(await loadedBy("remote")).toEqual(["aws-core.mjs", "aws-lambda.mjs", "calls.mjs"]);
  expect(await loadedBy("map")).toEqual(["map.mjs"]);
  expect(await loadedBy("large")).toEqual(["aws-s3.mjs"]);
});

test("a module that can't be loaded fails each call, with the module's own error", async () => {
  for (let round = 0; round < 2; round++) {
    const error = errorOf(await invokeAnew("broken"));
    expect(`${error?.name}: ${error?.message}`).toBe("RangeError: the module is broken");
  }
});

test("a module that ends its process fails its calls with the exit code", async () => {
  expect(errorOf(await invoke("ending"))).toMatchObject({ name: "ProcessExitError", exitCode: 9 });
});

test("the App's files lie where its source says", async () => {
  expect(valueOf(await invoke("source"))).toBe(readFileSync(FIXTURE, "utf8").length);
});

test("a module that takes longer than startupTimeoutMs times its input out, and the next one starts anew", async () => {
  for (let i = 0; i < 2; i++) {
    const result = await invokeAnew("starts-late");
    expect(result.status).toBe("timed-out");
    expect(errorOf(result)).toMatchObject({
      name: "FunctionTimeoutError",
      message: 'Function "starts-late" did not start within its startupTimeoutMs of 1,000 ms.',
    });
  }
});
