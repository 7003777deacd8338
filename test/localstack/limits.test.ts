import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  UpdateStackCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import { IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { clientOptions, createRole, createUser } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { COUNTED, testLimits } from "./limits-suite.ts";
import { testPartition } from "./partition-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack", limits: COUNTED });
const quick = await emulatedAws({
  env,
  kind: "ministack",
  limits: { parametersPerSecond: 1, fifoPerSecond: { off: "the other account counts" }, policyDelaySeconds: 1.5 },
});

testLimits(aws);
testPartition(aws);

test("a limit of which nothing is said is as large as AWS's, but for the time of queues' names", () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, "../../localstack", path), "utf8");
  const toNumber = (text: string) => Number(text.replaceAll(/[_,]/g, ""));
  const defaults = Object.fromEntries(
    [...read("shared/limits/settings.py").matchAll(/^ {4}(\w+): .* = ([\d_]+) /gm)].map(([, name, value]) => [
      name!.replaceAll(/_[a-z]/g, (part) => part[1]!.toUpperCase()),
      toNumber(value!),
    ]),
  );
  const ofAws = [...read("limits.js").matchAll(/\[(\w+)\] .*AWS: ([\d,]+\d)/g)].map(
    ([, name, value]) => [name!, toNumber(value!)] as const,
  );
  expect(ofAws).toHaveLength(9);
  expect({ ...defaults, queueNameSeconds: 60, secondMs: undefined }).toEqual(Object.fromEntries(ofAws));
});

describeAws(aws)("the rights that an emulated account asks for", () => {
  const root = () => clientOptions(aws.account, aws.account.rootCredentials);
  const formation = (credentials = aws.account.rootCredentials) => new CloudFormationClient(clientOptions(aws.account, credentials));
  const parameter = (Name: string) => ({ Type: "AWS::SSM::Parameter", Properties: { Name, Type: "String", Value: "1" } });

  async function reasons(StackName: string): Promise<string> {
    const { StackEvents = [] } = await formation().send(new DescribeStackEventsCommand({ StackName }));
    return StackEvents.map((event) => event.ResourceStatusReason ?? "").join("\n");
  }

  test("a missing object is 404 for who may list the bucket, and 403 for others", async () => {
    const Bucket = "tenon-test-missing";
    await new S3Client({ ...root(), forcePathStyle: true }).send(new CreateBucketCommand({ Bucket }));
    const reads = { Effect: "Allow", Action: "s3:GetObject", Resource: `arn:aws:s3:::${Bucket}/*` };
    const lists = { Effect: "Allow", Action: "s3:ListBucket", Resource: `arn:aws:s3:::${Bucket}` };
    const client = async (name: string, statements: object[]) =>
      new S3Client({ ...clientOptions(aws.account, await createUser(aws.account, name, statements)), forcePathStyle: true });
    const reader = await client("tenon-test-reader", [reads]);
    const lister = await client("tenon-test-lister", [reads, lists]);
    const object = { Bucket, Key: "none" };
    await expect(lister.send(new GetObjectCommand(object))).rejects.toMatchObject({
      name: "NoSuchKey",
      $metadata: { httpStatusCode: 404 },
    });
    await expect(lister.send(new HeadObjectCommand(object))).rejects.toMatchObject({ $metadata: { httpStatusCode: 404 } });
    await expect(reader.send(new GetObjectCommand(object))).rejects.toMatchObject({
      name: "AccessDenied",
      $metadata: { httpStatusCode: 403 },
    });
    await expect(reader.send(new HeadObjectCommand(object))).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  test("a stack is made with the rights of its role alone, and unmade with them", async () => {
    const allowed = "arn:aws:ssm:us-east-1:000000000000:parameter/tenon/test/allowed";
    const RoleARN = await createRole(aws.account, "tenon-test-executes", [
      { Effect: "Allow", Action: ["ssm:PutParameter", "ssm:DeleteParameter"], Resource: allowed },
    ]);
    const create = (StackName: string, Name: string) =>
      formation().send(
        new CreateStackCommand({ StackName, RoleARN, TemplateBody: JSON.stringify({ Resources: { Parameter: parameter(Name) } }) }),
      );
    await create("tenon-test-allowed", "/tenon/test/allowed");
    const client = formation();
    await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName: "tenon-test-allowed" });
    await create("tenon-test-denied", "/tenon/test/denied");
    await expect
      .poll(() => reasons("tenon-test-denied"), { timeout: 20_000 })
      .toMatch(
        /assumed-role\/tenon-test-executes\/AWSCloudFormation is not authorized to perform: ssm:PutParameter on resource: .*parameter\/tenon\/test\/denied/,
      );
    await client.send(new DeleteStackCommand({ StackName: "tenon-test-allowed" }));
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName: "tenon-test-allowed" });
  });

  test("a stack keeps its role, which needs rights of its own to change and to unmake", async () => {
    const [client, StackName] = [formation(), "tenon-test-kept"];
    const RoleARN = await createRole(aws.account, StackName, [{ Effect: "Allow", Action: "sqs:CreateQueue", Resource: "*" }]);
    const template = (VisibilityTimeout: number) =>
      JSON.stringify({ Resources: { Queue: { Type: "AWS::SQS::Queue", Properties: { QueueName: StackName, VisibilityTimeout } } } });
    await client.send(new CreateStackCommand({ StackName, RoleARN, TemplateBody: template(1) }));
    await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName });
    await client.send(new UpdateStackCommand({ StackName, TemplateBody: template(2) }));
    const denied = (action: string) => new RegExp(`not authorized to perform: ${action} on resource: .*:${StackName}"`);
    await expect.poll(() => reasons(StackName), { timeout: 20_000 }).toMatch(denied("sqs:SetQueueAttributes"));
    await client.send(new DeleteStackCommand({ StackName }));
    await expect.poll(() => reasons(StackName), { timeout: 20_000 }).toMatch(denied("sqs:DeleteQueue"));
  });

  test("a dynamic reference is read by the stack's role", async () => {
    const Resource = "arn:aws:ssm:us-east-1:000000000000:parameter/tenon/test/copy";
    const RoleARN = await createRole(aws.account, "tenon-test-copies", [{ Effect: "Allow", Action: "ssm:PutParameter", Resource }]);
    const resource = parameter("/tenon/test/copy");
    const TemplateBody = JSON.stringify({
      Resources: { Parameter: { ...resource, Properties: { ...resource.Properties, Value: "{{resolve:ssm:/tenon/test/original}}" } } },
    });
    await new SSMClient(root()).send(new PutParameterCommand({ Name: "/tenon/test/original", Type: "String", Value: "1" }));
    await formation().send(new CreateStackCommand({ StackName: "tenon-test-copy", RoleARN, TemplateBody }));
    await expect
      .poll(() => reasons("tenon-test-copy"), { timeout: 20_000 })
      .toMatch(/not authorized to perform: ssm:GetParameters on resource: .*parameter\/tenon\/test\/original/);
  });

  test("60 dynamic references are taken in a template, and not one more", async () => {
    const template = (count: number) =>
      JSON.stringify({
        Resources: { Parameter: parameter("/tenon/test/references") },
        Metadata: Object.fromEntries(Array.from({ length: count }, (_each, n) => [`M${n}`, `{{resolve:ssm:/tenon/test/${n}}}`])),
      });
    const create = (StackName: string, count: number) =>
      formation().send(new CreateStackCommand({ StackName, TemplateBody: template(count) }));
    await create("tenon-test-sixty", 60);
    await expect(create("tenon-test-sixty-one", 61)).rejects.toThrow(
      /Number of dynamic references, 61, is greater than maximum allowed, 60/,
    );
  });

  test("a template's SSM parameter is read with the rights of who sends the template, not of the role", async () => {
    const Name = "/tenon/test/version";
    await new SSMClient(root()).send(new PutParameterCommand({ Name, Type: "String", Value: "1" }));
    const RoleARN = await createRole(aws.account, "tenon-test-does-all", [{ Effect: "Allow", Action: "*", Resource: "*" }]);
    const deploys = { Effect: "Allow", Action: ["cloudformation:*", "iam:PassRole"], Resource: "*" };
    const reads = { Effect: "Allow", Action: "ssm:GetParameters", Resource: `arn:aws:ssm:us-east-1:000000000000:parameter${Name}` };
    const TemplateBody = JSON.stringify({
      Parameters: { Version: { Type: "AWS::SSM::Parameter::Value<String>", Default: Name } },
      Resources: { Parameter: parameter("/tenon/test/of-parameter") },
    });
    const create = async (user: string, statements: object[]) =>
      formation(await createUser(aws.account, user, statements)).send(
        new CreateChangeSetCommand({ StackName: `${user}-stack`, ChangeSetName: "first", ChangeSetType: "CREATE", RoleARN, TemplateBody }),
      );
    await expect(create("tenon-test-without", [deploys])).rejects.toThrow(
      /user\/tenon-test-without is not authorized to perform: ssm:GetParameters on resource: .*parameter\/tenon\/test\/version/,
    );
    await create("tenon-test-with", [deploys, reads]);
  });

  test("a stack can't take the name of a queue that was deleted just now, nor variables that Lambda refuses", async () => {
    const sqs = new SQSClient(root());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-of-stack" }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    const queue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "tenon-test-of-stack" } };
    const StackName = "tenon-test-with-queue";
    const made = { Type: "AWS::SQS::Queue", Properties: { QueueName: StackName } };
    const client = formation();
    await client.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { made } }) }));
    await waitUntilStackCreateComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName });
    await client.send(new DeleteStackCommand({ StackName }));
    await waitUntilStackDeleteComplete({ client, maxWaitTime: 30, minDelay: 0.1 }, { StackName });
    await expect(sqs.send(new CreateQueueCommand({ QueueName: StackName }))).rejects.toMatchObject({ name: "QueueDeletedRecently" });
    const lambda = {
      Type: "AWS::Lambda::Function",
      Properties: {
        Code: { ZipFile: "exports.handler = async () => 1;" },
        Environment: { Variables: { _X: "1" } },
        Handler: "index.handler",
        Role: await createRole(aws.account, "tenon-test-of-stack"),
        Runtime: "nodejs24.x",
      },
    };
    for (const [name, resource, reason] of [
      ["queue", queue, /You must wait 60 seconds after deleting a queue/],
      ["lambda", lambda, /Map keys must satisfy constraint/],
    ] as const) {
      const refused = `tenon-test-refused-${name}`;
      await client.send(new CreateStackCommand({ StackName: refused, TemplateBody: JSON.stringify({ Resources: { Refused: resource } }) }));
      await expect.poll(() => reasons(refused), { timeout: 20_000 }).toMatch(reason);
    }
  });
});

describeAws(aws)("a FIFO queue with high throughput", () => {
  test("takes more than one without", async () => {
    const sqs = new SQSClient(clientOptions(aws.account, aws.account.rootCredentials));
    const Attributes = { FifoQueue: "true", DeduplicationScope: "messageGroup", FifoThroughputLimit: "perMessageGroupId" };
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-high.fifo", Attributes }));
    for (const id of ["a", "b", "c", "d"])
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: id, MessageGroupId: "g", MessageDeduplicationId: id }));
  });
});

describeAws(quick)("the time that limits take", () => {
  const root = () => clientOptions(quick.account, quick.account.rootCredentials);

  test("a rate is whole again in the next second, and a limit that is off is none", async () => {
    const ssm = new SSMClient(root());
    await ssm.send(new PutParameterCommand({ Name: "/tenon/test/once", Type: "String", Value: "1" }));
    const read = async () =>
      ssm.send(new GetParameterCommand({ Name: "/tenon/test/once" })).then(
        () => "read",
        (error: Error) => error.name,
      );
    const answers = await Promise.all(Array.from({ length: 20 }, read));
    expect(new Set(answers)).toEqual(new Set(["read", "ThrottlingException"]));
    await expect.poll(read, { interval: 100 }).toBe("read");
  });

  test("the name of a deleted queue is free after its time", async () => {
    const sqs = new SQSClient(root());
    const create = () => sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-again" }));
    await sqs.send(new DeleteQueueCommand({ QueueUrl: (await create()).QueueUrl }));
    await expect
      .poll(
        async () =>
          create().then(
            () => "made",
            (error: Error) => error.name,
          ),
        { interval: 100, timeout: 10_000 },
      )
      .toBe("made");
  });

  test("a role may do what its policy says only a while after the policy was written", async () => {
    const iam = new IAMClient(root());
    const trust = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::000000000000:root" }, Action: "sts:AssumeRole" };
    const policy = (statement: object) => JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    const RoleArn = await createRole(quick.account, "tenon-test-late");
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "tenon-test-late", PolicyDocument: policy(trust) }));
    const { Credentials } = await new STSClient(root()).send(new AssumeRoleCommand({ RoleArn, RoleSessionName: "test" }));
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    const sqs = new SQSClient(clientOptions(quick.account, credentials));
    await new SQSClient(root()).send(new CreateQueueCommand({ QueueName: "tenon-test-late" }));
    const create = async () =>
      sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-late" })).then(
        () => "allowed",
        (error: Error) => error.name,
      );
    await sleep(1_600);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: "tenon-test-late",
        PolicyName: "may",
        PolicyDocument: policy({ Effect: "Allow", Action: "sqs:CreateQueue", Resource: "*" }),
      }),
    );
    expect(await create()).toMatch(/^AccessDenied/);
    await expect.poll(create, { interval: 100, timeout: 20_000 }).toBe("allowed");
  });
});
