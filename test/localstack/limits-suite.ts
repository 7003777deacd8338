import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CloudFormationClient, CreateStackCommand, GetTemplateCommand, waitUntilStackCreateComplete } from "@aws-sdk/client-cloudformation";
import {
  CreateFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { expect, test } from "vitest";
import type { EmulatorLimits } from "../../localstack/limits.js";
import { zip } from "../../src/testing/zip.ts";
import { clientOptions, createFunction, createRole } from "../helpers/account.ts";
import { describeAws, type EmulatedAws } from "../helpers/emulator.ts";
import { makeSharedFolder } from "../helpers/shared-folder.ts";

/** The limits of the account that the suite counts in: small ones, and a second that lasts as long as the tests. */
export const COUNTED: EmulatorLimits = {
  accountConcurrency: 2,
  partitionWriteUnits: 10,
  partitionReadUnits: 10,
  parametersPerSecond: 3,
  fifoPerSecond: 3,
  queueNameSeconds: 3600,
  secondMs: 3_600_000,
};

const MiB = 1024 * 1024;

/** What every emulated account refuses as AWS does, at the limit and one past it; through real clients. */
export function testLimits(aws: EmulatedAws): void {
  describeAws(aws)("the limits of an emulated account", () => {
    const root = () => clientOptions(aws.account, aws.account.rootCredentials);

    test("an invocation takes 6 MB and an event 1 MB, and not a byte more", async () => {
      const FunctionName = "tenon-test-request-size";
      await createFunction(aws.account, FunctionName, "export const handler = async (text) => text.length;");
      const lambda = new LambdaClient(root());
      const send = (bytes: number, InvocationType: "RequestResponse" | "Event") =>
        lambda.send(new InvokeCommand({ FunctionName, InvocationType, Payload: JSON.stringify("x".repeat(bytes - 2)) }));
      const tooLarge = { name: "RequestEntityTooLargeException", $metadata: { httpStatusCode: 413 } };

      expect((await send(6 * MiB, "RequestResponse")).Payload?.transformToString()).toBe(String(6 * MiB - 2));
      await expect(send(6 * MiB + 1, "RequestResponse")).rejects.toMatchObject(tooLarge);
      expect((await send(MiB, "Event")).StatusCode).toBe(202);
      await expect(send(MiB + 1, "Event")).rejects.toMatchObject(tooLarge);
      const Payload = JSON.stringify("x".repeat(6 * MiB - 1));
      await expect(lambda.send(new InvokeWithResponseStreamCommand({ FunctionName, Payload }))).rejects.toMatchObject(tooLarge);
    });

    test("a Lambda's variables have names as Lambda allows them, and 4 KB in all", async () => {
      const lambda = new LambdaClient(root());
      const Role = await createRole(aws.account, "tenon-test-variables");
      const create = (FunctionName: string, Variables: Record<string, string>) =>
        lambda.send(
          new CreateFunctionCommand({
            FunctionName,
            Role,
            Runtime: "nodejs24.x",
            Handler: "index.handler",
            Code: { ZipFile: zip({ "index.mjs": "export const handler = async () => 1;" }) },
            Environment: { Variables },
          }),
        );
      const overhead = '{"AB":""}'.length;
      await create("tenon-test-variables", { AB: "x".repeat(4096 - overhead) });
      // Of bytes: one of these characters has two.
      const more = { Environment: { Variables: { AB: `${"ä".repeat(2000)}${"x".repeat(97 - overhead)}` } } };
      await expect(create("tenon-test-too-large", more.Environment.Variables)).rejects.toMatchObject({
        name: "InvalidParameterValueException",
      });
      const update = new UpdateFunctionConfigurationCommand({ FunctionName: "tenon-test-variables", ...more });
      await expect(lambda.send(update)).rejects.toThrow(/exceeded the 4KB limit/);
      for (const name of ["A", "_X", "1A", "A-B", "AB-C"]) {
        await expect(create("tenon-test-names", { [name]: "1" }), name).rejects.toMatchObject({ name: "ValidationException" });
      }
    });

    /** Fills the account's concurrency with calls that have begun, and gives what ends them. */
    async function fill(FunctionName: string): Promise<() => Promise<unknown>> {
      const folder = makeSharedFolder();
      const lambda = new LambdaClient(root());
      const hold = (name: string) => lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ folder, name }) }));
      const held = Promise.all([hold("a"), hold("b")]);
      held.catch(() => undefined);
      await expect.poll(() => readdirSync(folder).length, { timeout: 20_000 }).toBe(2);
      return async () => {
        writeFileSync(join(folder, "end"), "");
        await held;
        rmSync(folder, { recursive: true });
      };
    }

    /** A function that holds on while it is told to, and fails where it is told to. */
    const holder = `import { existsSync, writeFileSync } from "node:fs";
      export const handler = async ({ folder, name, fails }) => {
        if (folder) writeFileSync(folder + "/" + name, "");
        while (folder && !existsSync(folder + "/end")) await new Promise((resolve) => setTimeout(resolve, 20));
        if (fails) throw new RangeError("ran");
      };`;

    test("as many invocations run at once as the account may have, and the next is told to wait", async () => {
      const FunctionName = "tenon-test-concurrency";
      await createFunction(aws.account, FunctionName, holder);
      const lambda = new LambdaClient(root());
      const end = await fill(FunctionName);
      await expect(lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }))).rejects.toMatchObject({
        name: "TooManyRequestsException",
        $metadata: { httpStatusCode: 429 },
        Reason: expect.stringMatching(/ConcurrentInvocationLimitExceeded$/),
      });
      await end();
      expect((await lambda.send(new InvokeCommand({ FunctionName, Payload: "{}" }))).FunctionError).toBeUndefined();
    });

    test("an event that meets that limit waits for its turn, and is not retried for it", async () => {
      const sqs = new SQSClient(root());
      const FunctionName = "tenon-test-waiting-event";
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: FunctionName }));
      const Destination = `arn:aws:sqs:us-east-1:${aws.account.accountId}:${FunctionName}`;
      const Role = await createRole(aws.account, FunctionName, [{ Effect: "Allow", Action: "sqs:SendMessage", Resource: Destination }]);
      await createFunction(aws.account, FunctionName, holder, { Role });
      const lambda = new LambdaClient(root());
      const DestinationConfig = { OnFailure: { Destination } };
      await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 0, DestinationConfig }));
      const end = await fill(FunctionName);
      await lambda.send(new InvokeCommand({ FunctionName, InvocationType: "Event", Payload: '{"fails":true}' }));
      const receive = async (WaitTimeSeconds: number) =>
        (await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds }))).Messages?.map(
          ({ Body }) => JSON.parse(Body!).responsePayload,
        );
      expect(await receive(1)).toBeUndefined();
      await end();
      expect(await receive(20)).toMatchObject([{ errorType: "RangeError", errorMessage: "ran" }]);
    });

    test("parameters are read as often as the account may, whichever request reads them", async () => {
      const ssm = new SSMClient(root());
      await ssm.send(new PutParameterCommand({ Name: "/tenon/test/often", Type: "String", Value: "1" }));
      await ssm.send(new GetParameterCommand({ Name: "/tenon/test/often" }));
      await ssm.send(new GetParametersCommand({ Names: ["/tenon/test/often"] }));
      await ssm.send(new GetParametersByPathCommand({ Path: "/tenon/test" }));
      const throttled = { name: "ThrottlingException", message: "Rate exceeded", $metadata: { httpStatusCode: 400 } };
      await expect(ssm.send(new GetParameterCommand({ Name: "/tenon/test/often" }))).rejects.toMatchObject(throttled);
      // Other requests have limits of their own.
      await ssm.send(new PutParameterCommand({ Name: "/tenon/test/often", Type: "String", Value: "2", Overwrite: true }));
    });

    test("a FIFO queue takes so many sends, receives and deletes, and a batch is one of them", async () => {
      const sqs = new SQSClient(root());
      const create = async (QueueName: string, more: Record<string, string> = {}) =>
        (await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { FifoQueue: "true", ...more } }))).QueueUrl!;
      const QueueUrl = await create("tenon-test-often.fifo");
      const message = (id: string) => ({ MessageBody: id, MessageGroupId: "g", MessageDeduplicationId: id });
      const batch = ["a", "b", "c", "d"].map((Id) => ({ Id, ...message(Id) }));
      const send = (url: string, id: string) => sqs.send(new SendMessageCommand({ QueueUrl: url, ...message(id) }));
      const throttled = { name: "RequestThrottled", $metadata: { httpStatusCode: 403 } };

      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: batch }));
      await send(QueueUrl, "e");
      await send(QueueUrl, "f");
      await expect(send(QueueUrl, "g")).rejects.toMatchObject(throttled);
      const receive = () => sqs.send(new ReceiveMessageCommand({ QueueUrl }));
      const { Messages = [] } = await receive();
      await receive();
      await receive();
      await expect(receive()).rejects.toMatchObject(throttled);
      const ReceiptHandle = Messages[0]!.ReceiptHandle!;
      await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      const remove = () => sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", ReceiptHandle }] }));
      await remove();
      await remove();
      await expect(remove()).rejects.toMatchObject(throttled);

      // Another queue has a rate of its own; a standard one has none.
      const other = await create("tenon-test-seldom.fifo");
      for (const id of ["a", "b", "c"]) await send(other, id);
      const { QueueUrl: standard } = await sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-standard" }));
      for (const MessageBody of ["a", "b", "c", "d"]) await sqs.send(new SendMessageCommand({ QueueUrl: standard, MessageBody }));
    });

    test("the name of a deleted queue is not free at once", async () => {
      const sqs = new SQSClient(root());
      const create = () => sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-deleted" }));
      const { QueueUrl } = await create();
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      await expect(create()).rejects.toMatchObject({
        name: "QueueDeletedRecently",
        message: "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      });
    });

    test("a template comes back with a question mark for each character that is not ASCII", async () => {
      const formation = new CloudFormationClient(root());
      const Properties = { Name: "/tenon/test/template", Type: "String", Value: "naïve – 字" };
      const TemplateBody = JSON.stringify({ Resources: { Parameter: { Type: "AWS::SSM::Parameter", Properties } } });
      await formation.send(new CreateStackCommand({ StackName: "tenon-test-template", TemplateBody }));
      await waitUntilStackCreateComplete({ client: formation, maxWaitTime: 60, minDelay: 0.1 }, { StackName: "tenon-test-template" });
      const answer = await formation.send(new GetTemplateCommand({ StackName: "tenon-test-template" }));
      expect(JSON.parse(answer.TemplateBody!).Resources.Parameter.Properties.Value).toBe("na?ve ? ?");
    });
  });
}
