import { chmodSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import { CloudWatchLogsClient, CreateLogGroupCommand, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateEventSourceMappingCommand,
  GetFunctionConcurrencyCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from "@aws-sdk/client-lambda";
import type { InvokeWithResponseStreamResponseEvent } from "@aws-sdk/client-lambda";
import { CreateBucketCommand, GetBucketTaggingCommand, GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clientOptions, createFunction, createRole, createTable, createUser, invoke } from "../helpers/account.ts";
import { describeAws } from "../helpers/emulator.ts";
import type { EmulatedAws } from "../helpers/emulator.ts";
import { skipWithGap } from "../helpers/gaps.ts";
import { makeSharedFolder } from "../helpers/shared-folder.ts";

export const TABLE = "tenon-test-calls";
const key = { pk: { S: "in#app#fn" }, sk: { S: "fc-1" } };

/** What every emulated account does, whichever emulator it is of; through real clients. */
export function testAccount(aws: EmulatedAws): void {
  describeAws(aws)("an emulated account", () => {
    const folder = makeSharedFolder();
    const dynamo = new DynamoDBClient(clientOptions(aws.account, aws.account.rootCredentials));
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

    test("writes all rows of a transaction or none, and says which condition failed", async () => {
      const row = (sk: string) => ({ pk: { S: "out#app#fn" }, sk: { S: sk } });
      const put = (sk: string) => ({
        Put: { TableName: TABLE, Item: row(sk), ConditionExpression: "attribute_not_exists(pk)" },
      });
      await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [put("fc-1"), put("fc-2")] }));
      const second = dynamo.send(new TransactWriteItemsCommand({ TransactItems: [put("fc-3"), put("fc-2")] }));
      await expect(second).rejects.toMatchObject({
        name: "TransactionCanceledException",
        CancellationReasons: [{ Code: "None" }, { Code: "ConditionalCheckFailed" }],
      });
      expect((await dynamo.send(new GetItemCommand({ TableName: TABLE, Key: row("fc-3") }))).Item).toBeUndefined();
    });

    test("keeps objects and parameters, and refuses to make one twice", async () => {
      const s3 = new S3Client({ ...clientOptions(aws.account, aws.account.rootCredentials), forcePathStyle: true });
      const object = { Bucket: "tenon-test-objects", Key: "in/app/fn/1" };
      await s3.send(new CreateBucketCommand({ Bucket: object.Bucket }));
      const put = new PutObjectCommand({ ...object, Body: "the whale", IfNoneMatch: "*" });
      await s3.send(put);
      await expect(s3.send(put)).rejects.toMatchObject({ name: "PreconditionFailed" });
      expect(await (await s3.send(new GetObjectCommand(object))).Body!.transformToString()).toBe("the whale");

      const ssm = new SSMClient(clientOptions(aws.account, aws.account.rootCredentials));
      const parameter = new PutParameterCommand({ Name: "/tenon/test/parameter", Type: "String", Value: "1" });
      await ssm.send(parameter);
      await expect(ssm.send(parameter)).rejects.toMatchObject({ name: "ParameterAlreadyExists" });
      expect((await ssm.send(new GetParameterCommand({ Name: "/tenon/test/parameter" }))).Parameter?.Value).toBe("1");
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
        if (how === "die") process.kill(process.pid, "SIGKILL");
        if (how === "block") for (;;);
        return how;
      }`,
        { Timeout: 1 },
      );
      const faults = (how: string) => invoke(aws.account, "tenon-test-faults", { how });
      const thrown = await faults("throw");
      expect(thrown).toMatchObject({ error: "Unhandled", value: { errorType: "TypeError", errorMessage: "no such row" } });
      expect(thrown.value.trace[1]).toContain("index.mjs:2");
      expect((await faults("exit")).value).toMatchObject({
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(/exit status 3$/),
      });
      expect((await faults("die")).value).toMatchObject({
        errorType: "Runtime.ExitError",
        errorMessage: expect.stringMatching(/signal: killed$/),
      });
      expect((await faults("block")).value).toMatchObject({
        errorType: "Sandbox.Timedout",
        errorMessage: expect.stringMatching(/timed out after 1.00 seconds$/),
      });
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
      chmodSync(notes, 0o666);
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

    /** The record that arrives when a Lambda has failed an asynchronous call, without a retry. */
    async function failureRecord(FunctionName: string) {
      const sqs = new SQSClient(clientOptions(aws.account, aws.account.rootCredentials));
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: FunctionName }));
      const Destination = `arn:aws:sqs:us-east-1:${aws.account.accountId}:${FunctionName}`;
      const Role = await createRole(aws.account, FunctionName, [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: Destination }]);
      await createFunction(aws.account, FunctionName, "export const handler = async () => process.exit(7);", { Role });
      const rootLambda = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
      const DestinationConfig = { OnFailure: { Destination } };
      await rootLambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0, DestinationConfig }));
      await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: '{"callId":"fc-1"}' }));
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
      return JSON.parse(Messages[0]!.Body!);
    }

    test("puts a record of what failed where its Lambda says", async () => {
      expect(await failureRecord("tenon-test-fails")).toMatchObject({
        requestContext: { condition: "RetriesExhausted" },
        requestPayload: { callId: "fc-1" },
        responseContext: { functionError: "Unhandled" },
        responsePayload: { errorType: "Runtime.ExitError", errorMessage: expect.stringMatching(/exit status 7$/) },
      });
    });

    test("names in that record the request, as the Lambda knew it", async (context) => {
      skipWithGap(context, aws.account, "lambda-failure-request");
      const { requestContext, responsePayload } = await failureRecord("tenon-test-fails-too");
      expect(responsePayload.errorMessage).toContain(`RequestId: ${requestContext.requestId} `);
    });

    test("keeps what a Lambda prints in the log group that it names", async () => {
      const logs = new CloudWatchLogsClient(clientOptions(aws.account, aws.account.rootCredentials));
      await logs.send(new CreateLogGroupCommand({ logGroupName: "/tenon/test/prints" }));
      await createFunction(aws.account, "tenon-test-prints", 'export const handler = async () => console.log("seen");', {
        LoggingConfig: { LogGroup: "/tenon/test/prints" },
      });
      await invoke(aws.account, "tenon-test-prints");
      const lines = async () => {
        const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: "/tenon/test/prints" }));
        return events.map((event) => event.message).join("\n");
      };
      await expect.poll(lines, { timeout: 20_000 }).toMatch(/\bseen\b/);
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
      await waitUntilStackCreateComplete({ client: cloudformation, maxWaitTime: 60, minDelay: 0.1 }, { StackName: "tenon-test" });
      const root = new LambdaClient(clientOptions(aws.account, aws.account.rootCredentials));
      const reserved = await root.send(new GetFunctionConcurrencyCommand({ FunctionName: "tenon-test-reserved" }));
      expect(reserved.ReservedConcurrentExecutions).toBe(7);

      const may = { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::tenon-test-bucket/*" };
      const s3 = new S3Client(clientOptions(aws.account, await createUser(aws.account, "tenon-test-writer", [may])));
      await s3.send(new PutObjectCommand({ Bucket: "tenon-test-bucket", Key: "in/app/fn/fc-1/in-1", Body: "despite the policy" }));
      const rootS3 = new S3Client(clientOptions(aws.account, aws.account.rootCredentials));
      const tagging = await rootS3.send(new GetBucketTaggingCommand({ Bucket: "tenon-test-bucket" }));
      expect(tagging.TagSet).toEqual(expect.arrayContaining(Tags));
    });
  });
}
