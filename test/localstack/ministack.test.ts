import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { DynamoDBClient, GetItemCommand, ListTablesCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import type { InvokeWithResponseStreamResponseEvent } from "@aws-sdk/client-lambda";
import { GetBucketTaggingCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOptions, createFunction, createRole, createTable, invoke } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack" });
const TABLE = "tenon-test-calls";
const key = { pk: { S: "in#app#fn" }, sk: { S: "fc-1" } };

describeAws(aws)("an emulated account", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-test-"));
  const dynamo = new DynamoDBClient(clientOptions(aws.account));
  const rootDynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
  const lambda = new LambdaClient(clientOptions(aws.account));

  beforeAll(async () => {
    await createTable(aws.account, TABLE);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function stream(name: string, event: unknown = {}) {
    const answer = await lambda.send(new InvokeWithResponseStreamCommand({ FunctionName: name, Payload: JSON.stringify(event) }));
    return answer.EventStream!;
  }

  function text(event: InvokeWithResponseStreamResponseEvent): string {
    return new TextDecoder().decode(event.PayloadChunk?.Payload);
  }

  test("keeps rows, and refuses to write one twice on condition", async () => {
    const put = new PutItemCommand({ TableName: TABLE, Item: key, ConditionExpression: "attribute_not_exists(pk)" });
    await dynamo.send(put);
    await expect(dynamo.send(put)).rejects.toThrow(expect.objectContaining({ name: "ConditionalCheckFailedException" }));
    expect((await dynamo.send(new GetItemCommand({ TableName: TABLE, Key: key }))).Item).toEqual(key);
  });

  test("hands over messages", async () => {
    const sqs = new SQSClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "tenon-test" }));
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "hello" }));
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 5 }));
    expect(Messages?.map((message) => message.Body)).toEqual(["hello"]);
  });

  test("runs a Lambda on AWS's runtime client, with nothing of the host's environment", async () => {
    process.env["TENON_TEST_LEAK"] = "1";
    await createFunction(
      aws.account,
      "tenon-test-echo",
      `export const handler = async (event, context) =>
        ({ event, name: context.functionName, arn: context.invokedFunctionArn, own: process.env.OWN, leak: process.env.TENON_TEST_LEAK });`,
      { Environment: { Variables: { OWN: "value" } } },
    );
    expect(await invoke(aws.account, "tenon-test-echo", { greeting: "hi ✓" })).toEqual({
      error: undefined,
      value: {
        event: { greeting: "hi ✓" },
        name: "tenon-test-echo",
        arn: "arn:aws:lambda:us-east-1:000000000000:function:tenon-test-echo",
        own: "value",
      },
    });
  });

  test("tells errors, exits and timeouts of a Lambda apart, and goes on after each", async () => {
    await createFunction(
      aws.account,
      "tenon-test-faults",
      `export async function handler({ how }) {
        if (how === "throw") throw new TypeError("no such row");
        if (how === "exit") process.exit(3);
        if (how === "block") for (;;);
        return how;
      }`,
      { Timeout: 1 },
    );
    const faults = (how: string) => invoke(aws.account, "tenon-test-faults", { how });
    const thrown = await faults("throw");
    expect(thrown).toMatchObject({ error: "Unhandled", value: { errorType: "TypeError", errorMessage: "no such row" } });
    expect(thrown.value.trace[1]).toContain("index.mjs:2");
    expect((await faults("exit")).value).toMatchObject({ errorType: "Runtime.ExitError", errorMessage: /exit status 3$/ });
    expect((await faults("block")).value).toMatchObject({ errorType: "Sandbox.Timedout", errorMessage: /timed out after 1.00 seconds$/ });
    expect((await faults("work")).value).toBe("work");
  });

  test("refuses a buffered answer above Lambda's limit", async () => {
    await createFunction(aws.account, "tenon-test-large", `export const handler = async ({ n }) => "x".repeat(n);`);
    expect((await invoke(aws.account, "tenon-test-large", { n: 6_291_554 })).error).toBeUndefined();
    expect((await invoke(aws.account, "tenon-test-large", { n: 6_291_555 })).value.errorType).toBe("Function.ResponseSizeTooLarge");
  });

  test("gives each of simultaneous calls an environment of its own", async () => {
    await createFunction(
      aws.account,
      "tenon-test-pid",
      `import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
      export async function handler({ folder, calls }) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(folder + "/" + process.pid, "");
        while (readdirSync(folder).length < calls) await new Promise((resolve) => setTimeout(resolve, 5));
        return process.pid;
      }`,
    );
    const event = { folder: join(folder, "simultaneous"), calls: 3 };
    const pids = await Promise.all([1, 2, 3].map(async () => (await invoke(aws.account, "tenon-test-pid", event)).value));
    expect(new Set(pids).size).toBe(3);
  });

  test("runs asynchronous calls and batches of a queue, and tries again as told", async () => {
    const role = await createRole(aws.account, "tenon-test-consumer", [
      { Effect: "Allow", Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], Resource: "*" },
    ]);
    // Notes each attempt; what is to fail fails, of a batch only its own messages.
    const source = `import { appendFileSync } from "node:fs";
      export async function handler(event) {
        const note = (text) => appendFileSync(process.env.NOTES, text + "\\n");
        if (!event.Records) {
          note(event.name);
          if (event.fails) throw new Error("fails");
          return;
        }
        for (const { body } of event.Records) note(body);
        const failed = event.Records.filter(({ body, attributes }) => body === "again" && attributes.ApproximateReceiveCount === "1");
        return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      }`;
    const notes = join(folder, "notes");
    writeFileSync(notes, "");
    const noted = () => readFileSync(notes, "utf8").trim().split("\n").toSorted();
    const FunctionName = "tenon-test-consumer";
    await createFunction(aws.account, FunctionName, source, { Role: role, Environment: { Variables: { NOTES: notes } } });
    const rootLambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
    await rootLambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }));
    for (const event of [{ name: "good" }, { name: "bad", fails: true }]) {
      await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: JSON.stringify(event) }));
    }
    await expect.poll(noted, { timeout: 20_000 }).toEqual(["bad", "bad", "good"]);

    const sqs = new SQSClient(clientOptions(aws.account, aws.account.rootCredentials));
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: FunctionName, Attributes: { VisibilityTimeout: "1" } }));
    for (const MessageBody of ["once", "again"]) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
    await rootLambda.send(
      new CreateEventSourceMappingCommand({
        FunctionName,
        EventSourceArn: `arn:aws:sqs:us-east-1:000000000000:${FunctionName}`,
        FunctionResponseTypes: ["ReportBatchItemFailures"],
      }),
    );
    await expect.poll(noted, { timeout: 20_000 }).toEqual(["again", "again", "bad", "bad", "good", "once"]);
  });

  test("hands over each chunk of a streaming Lambda when it is written", async () => {
    await createFunction(
      aws.account,
      "tenon-test-stream",
      `import { existsSync } from "node:fs";
      export const handler = awslambda.streamifyResponse(async ({ until }, stream) => {
        stream.write("first");
        while (!existsSync(until)) await new Promise((resolve) => setTimeout(resolve, 5));
        stream.write("second");
        stream.end();
      });`,
    );
    const until = join(folder, "seen");
    const texts: string[] = [];
    for await (const event of await stream("tenon-test-stream", { until })) {
      // The handler goes on only when its first chunk has arrived here.
      if (texts.push(text(event)) === 1) writeFileSync(until, "");
      if (event.InvokeComplete) expect(event.InvokeComplete.ErrorCode).toBeUndefined();
    }
    expect(texts).toEqual(["first", "second", ""]);
  });

  test("ends a stream with the error of its handler", async () => {
    await createFunction(
      aws.account,
      "tenon-test-broken-stream",
      `export const handler = awslambda.streamifyResponse(async (event, stream) => {
        stream.write("first");
        throw new RangeError("too far");
      });`,
    );
    const events: InvokeWithResponseStreamResponseEvent[] = [];
    for await (const event of await stream("tenon-test-broken-stream")) events.push(event);
    expect(events.at(-1)?.InvokeComplete).toMatchObject({ ErrorCode: "RangeError", ErrorDetails: expect.stringContaining("too far") });
  });

  test("makes of a template what CDK's bootstrap and Tenon's stacks need", async () => {
    const cloudformation = new CloudFormationClient(clientOptions(aws.account, aws.account.rootCredentials));
    const Tags = [{ Key: "tenon:env", Value: "test" }];
    const Resources = {
      Bucket: { Type: "AWS::S3::Bucket", Properties: { BucketName: "tenon-test-bucket", Tags } },
      Policy: {
        Type: "AWS::S3::BucketPolicy",
        Properties: {
          Bucket: { Ref: "Bucket" },
          PolicyDocument: {
            Version: "2012-10-17",
            Statement: [
              {
                Effect: "Deny",
                Principal: "*",
                Action: "s3:*",
                Resource: { "Fn::Sub": "${Bucket.Arn}/*" },
                Condition: { Bool: { "aws:SecureTransport": "false" } },
              },
            ],
          },
        },
      },
      Role: {
        Type: "AWS::IAM::Role",
        Properties: { AssumeRolePolicyDocument: { Version: "2012-10-17", Statement: [] } },
      },
      Function: {
        Type: "AWS::Lambda::Function",
        Properties: {
          FunctionName: "tenon-test-reserved",
          Code: { ZipFile: "exports.handler = async () => 1;" },
          Handler: "index.handler",
          Runtime: "nodejs24.x",
          Role: { "Fn::GetAtt": ["Role", "Arn"] },
          ReservedConcurrentExecutions: 7,
        },
      },
    };
    const TemplateBody = JSON.stringify({ Resources });
    await cloudformation.send(new CreateStackCommand({ StackName: "tenon-test", TemplateBody, Capabilities: ["CAPABILITY_IAM"] }));
    await expect
      .poll(async () => (await cloudformation.send(new DescribeStacksCommand({ StackName: "tenon-test" }))).Stacks?.[0]?.StackStatus)
      .toBe("CREATE_COMPLETE");
    const root = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
    const reserved = await root.send(new GetFunctionConcurrencyCommand({ FunctionName: "tenon-test-reserved" }));
    expect(reserved.ReservedConcurrentExecutions).toBe(7);

    const s3 = new S3Client(clientOptions(aws.account));
    await s3.send(new PutObjectCommand({ Bucket: "tenon-test-bucket", Key: "in/app/fn/fc-1/in-1", Body: "despite the policy" }));
    const rootS3 = new S3Client(clientOptions(aws.account, aws.account.rootCredentials));
    const tagging = await rootS3.send(new GetBucketTaggingCommand({ Bucket: "tenon-test-bucket" }));
    expect(tagging.TagSet).toEqual(expect.arrayContaining(Tags));
  });

  test("is empty after a reset, with a deployer anew", async () => {
    const before = aws.account.credentials.accessKeyId;
    await aws.account.reset();
    expect((await rootDynamo.send(new ListTablesCommand({}))).TableNames).toEqual([]);
    expect(aws.account.credentials.accessKeyId).not.toBe(before);
    const { Arn } = await new STSClient(clientOptions(aws.account)).send(new GetCallerIdentityCommand({}));
    expect(Arn).toBe("arn:aws:iam::000000000000:user/tenon-deployer");
  });
});
