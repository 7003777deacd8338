import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DeleteItemCommand, DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOptions, createFunction, invoke } from "../helpers/account.ts";
import { accountVariables, bootstrap, type CdkEnded, runCdk } from "../helpers/bootstrapped.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { metered } from "../helpers/meter.ts";
import { testAccess } from "./access-suite.ts";
import { TABLE, testAccount } from "./account-suite.ts";
import { testShape } from "./shape-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "localstack" });

testAccount(aws);
testAccess(aws);
testShape(aws);

describeAws(aws)("a LocalStack", () => {
  test("refuses what DynamoDB refuses: an empty key, an item above 400 KB", async () => {
    const dynamo = new DynamoDBClient(clientOptions(aws.account));
    const put = (sk: string, text = "") =>
      dynamo.send(new PutItemCommand({ TableName: TABLE, Item: { pk: { S: "in#app#fn" }, sk: { S: sk }, text: { S: text } } }));
    await expect(put("")).rejects.toMatchObject({ name: "ValidationException", message: expect.stringContaining("empty string") });
    await expect(put("fc-9", "x".repeat(400 * 1024))).rejects.toMatchObject({
      name: "ValidationException",
      message: expect.stringContaining("Item size"),
    });
  });

  test("gives an item that many delete at once to one of them", async () => {
    const dynamo = new DynamoDBClient(clientOptions(aws.account));
    const key = { pk: { S: "in#app#fn" }, sk: { S: "deleted at once" } };
    const remove = () => dynamo.send(new DeleteItemCommand({ TableName: TABLE, Key: key, ReturnValues: "ALL_OLD" }));
    for (let round = 0; round < 10; round++) {
      await dynamo.send(new PutItemCommand({ TableName: TABLE, Item: key }));
      const removed = await Promise.all(Array.from({ length: 20 }, remove));
      expect(removed.filter(({ Attributes }) => Attributes !== undefined)).toHaveLength(1);
    }
  });

  test("starts a process for the first call, and keeps it for the next", async () => {
    await createFunction(aws.account, "tenon-test-warm", "let calls = 0; export const handler = async () => [process.pid, ++calls];");
    const { value: first } = await invoke(aws.account, "tenon-test-warm");
    const { value: second } = await invoke(aws.account, "tenon-test-warm");
    expect([first[1], second]).toEqual([1, [first[0], 2]]);
  });

  test("starts few processes for many short calls, and gives each its own answer", async () => {
    await createFunction(aws.account, "tenon-test-burst", "export const handler = async ({ n }) => [n, process.pid];");
    const answers = await Promise.all(Array.from({ length: 100 }, (_each, n) => invoke(aws.account, "tenon-test-burst", { n })));
    expect(answers.map(({ value }) => value[0])).toEqual(answers.map((_each, n) => n));
    expect(new Set(answers.map(({ value }) => value[1])).size).toBeLessThan(50);
  });

  test("gives back what a Lambda has printed, between the lines that Lambda adds", async () => {
    await createFunction(aws.account, "tenon-test-tail", 'export const handler = async () => console.log("seen");');
    const lambda = new LambdaClient(clientOptions(aws.account));
    const { LogResult = "" } = await lambda.send(new InvokeCommand({ FunctionName: "tenon-test-tail", LogType: "Tail" }));
    expect(Buffer.from(LogResult, "base64").toString()).toMatch(/^START RequestId: .*\n.*\tseen\nEND RequestId: .*\nREPORT RequestId: /);
  });

  test("adds no lines to what a Lambda prints in JSON at level WARN, and bills none", async () => {
    const source = "export const handler = async () => { process.stdout.write('seen\\n'); };";
    const lambda = new LambdaClient(clientOptions(aws.account));
    const tail = async (FunctionName: string) => {
      const { value, billed } = await metered(aws.account, () => lambda.send(new InvokeCommand({ FunctionName, LogType: "Tail" })));
      return { text: Buffer.from(value.LogResult ?? "", "base64").toString(), logs: billed.logs };
    };
    const LoggingConfig = { LogFormat: "JSON", SystemLogLevel: "WARN" } as const;
    await createFunction(aws.account, "tenon-test-terse", source, { LoggingConfig });
    expect(await tail("tenon-test-terse")).toEqual({ text: "seen\n", logs: { bytes: 5, platformBytes: 0 } });
    await createFunction(aws.account, "tenon-test-wordy", source, { LoggingConfig: { ...LoggingConfig, SystemLogLevel: "INFO" } });
    expect((await tail("tenon-test-wordy")).logs.platformBytes).toBeGreaterThan(150);
  });

  test("can't be emptied, and says what to do", async () => {
    await expect(aws.account.reset()).rejects.toThrow(/^LocalStack can't be emptied\.\n {2}Stop it, and start another one\.$/);
  });
});

describeAws(aws)("a stack on LocalStack, by the CDK's own command", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  const ssm = new SSMClient(clientOptions(aws.account));
  const parameter = async () => (await ssm.send(new GetParameterCommand({ Name: "/tenon/test/versions" }))).Parameter?.Value;

  const cdk = (version: string, ...args: string[]): CdkEnded => {
    const options = ["--app", "node test/localstack/versions-app.mjs", "--output", join(folder, "out")];
    return runCdk(folder, [...args, ...options], { ...accountVariables(aws.account), TENON_TEST_VERSION: version });
  };
  const deploy = (version: string) => cdk(version, "deploy", "--require-approval", "never");

  beforeAll(() => bootstrap(aws.account, folder));

  test("is deployed, and changed", async () => {
    for (const version of ["first", "second"]) {
      expect(deploy(version)).toMatchObject({ code: 0 });
      expect(await parameter()).toBe(version);
      expect((await invoke(aws.account, "tenon-test-versions")).value).toBe(`${version} ${version}`);
    }
  });

  test("is what it was after a change that failed", async (context) => {
    skipWithGap(context, aws.account, "cfn-rollback");
    await ssm.send(new PutParameterCommand({ Name: "/tenon/test/taken", Type: "String", Value: "1" }));
    expect(deploy("broken").code).toBe(1);
    expect(await parameter()).toBe("second");
  });

  test("is gone when it is destroyed", async () => {
    expect(cdk("second", "destroy", "--force")).toMatchObject({ code: 0 });
    const formation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { Stacks = [] } = await formation.send(new DescribeStacksCommand({}));
    expect(Stacks.map((stack) => stack.StackName)).not.toContain("tenon-test-versions");
    await expect(parameter()).rejects.toThrow(expect.objectContaining({ name: "ParameterNotFound" }));
    await expect(invoke(aws.account, "tenon-test-versions")).rejects.toThrow(/not found/i);
  });
});
