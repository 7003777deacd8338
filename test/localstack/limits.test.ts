import { setTimeout as sleep } from "node:timers/promises";
import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  waitUntilStackCreateComplete,
  waitUntilStackDeleteComplete,
} from "@aws-sdk/client-cloudformation";
import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
} from "@aws-sdk/client-dynamodb";
import { IAMClient, PutRolePolicyCommand, UpdateAssumeRolePolicyCommand } from "@aws-sdk/client-iam";
import { CreateBucketCommand, GetObjectCommand, HeadObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AssumeRoleCommand, STSClient } from "@aws-sdk/client-sts";
import { expect, test } from "vitest";
import { clientOptions, createRole, createTable, createUser } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { COUNTED, testLimits } from "./limits-suite.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack", limits: COUNTED });
const quick = await emulatedAws({
  env,
  kind: "ministack",
  limits: { parametersPerSecond: 1, fifoPerSecond: { off: "the other account counts" }, policyDelaySeconds: 1.5 },
});

testLimits(aws);

describeAws(aws)("the limits of a table's partition", () => {
  const root = () => clientOptions(aws.account, aws.account.rootCredentials);
  const dynamo = new DynamoDBClient(root());
  const text = (bytes: number) => ({ S: "x".repeat(bytes) });
  const row = (pk: string, sk: string, kilobytes = 0) => ({
    pk: { S: pk },
    sk: { S: sk },
    ...(kilobytes > 0 && { text: text(kilobytes * 1000) }),
  });
  const throttled = { name: "ThrottlingException", $metadata: { httpStatusCode: 400 } };

  async function table(TableName: string) {
    await createTable(aws.account, TableName);
    return {
      put: (pk: string, sk: string, kilobytes = 0) => dynamo.send(new PutItemCommand({ TableName, Item: row(pk, sk, kilobytes) })),
      get: (pk: string, ConsistentRead = true) => dynamo.send(new GetItemCommand({ TableName, Key: row(pk, "1"), ConsistentRead })),
      transact: (...rows: ReturnType<typeof row>[]) =>
        dynamo.send(new TransactWriteItemsCommand({ TransactItems: rows.map((Item) => ({ Put: { TableName, Item } })) })),
      write: (...rows: ReturnType<typeof row>[]) =>
        dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: rows.map((Item) => ({ PutRequest: { Item } })) } })),
      read: (...rows: ReturnType<typeof row>[]) =>
        dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: rows, ConsistentRead: true } } })),
      query: (pk: string) =>
        dynamo.send(
          new QueryCommand({
            TableName,
            KeyConditionExpression: "pk = :p",
            ExpressionAttributeValues: { ":p": { S: pk } },
            ConsistentRead: true,
          }),
        ),
    };
  }

  test("ten units are written to one partition key, and no more; another key has its own", async () => {
    const { put } = await table("tenon-test-writes");
    for (const sk of ["1", "2", "3", "4"]) await put("hot", sk, 2);
    await put("hot", "5");
    await put("hot", "6");
    await expect(put("hot", "7")).rejects.toMatchObject({
      ...throttled,
      throttlingReasons: [{ reason: "TableWriteKeyRangeThroughputExceeded", resource: expect.stringMatching(/table\/tenon-test-writes$/) }],
    });
    await put("cold", "1");
  });

  test("ten units are read of one partition key: a consistent read of 4 KB is one, another half", async () => {
    const { get, put, query } = await table("tenon-test-reads");
    await put("hot", "1", 8); // two units of reading
    for (let reads = 0; reads < 4; reads += 1) await get("hot");
    await get("hot", false);
    await query("hot").then(({ Count }) => expect(Count).toBe(1));
    await expect(get("hot", false)).rejects.toMatchObject({
      ...throttled,
      throttlingReasons: [{ reason: "TableReadKeyRangeThroughputExceeded" }],
    });
    await expect(query("hot")).rejects.toMatchObject(throttled);
    await get("cold");
  });

  test("a batch gives back the rows of a partition that has no more, and is refused when none could be done", async () => {
    const { put, read, write } = await table("tenon-test-batches");
    await put("hot", "1", 8);
    const answer = await write(row("hot", "2"), row("hot", "3"), row("hot", "4"), row("cold", "1"));
    expect(answer.UnprocessedItems).toEqual({ "tenon-test-batches": [{ PutRequest: { Item: row("hot", "4") } }] });
    await expect(write(row("hot", "5"))).rejects.toMatchObject(throttled);

    for (let reads = 0; reads < 5; reads += 1) await read(row("hot", "1"));
    const { Responses, UnprocessedKeys } = await read(row("hot", "1"), row("cold", "1"));
    expect(Responses).toEqual({ "tenon-test-batches": [row("cold", "1")] });
    expect(UnprocessedKeys).toEqual({ "tenon-test-batches": { Keys: [row("hot", "1")], ConsistentRead: true } });
    await expect(read(row("hot", "1"))).rejects.toMatchObject(throttled);
  });

  test("a transaction costs double, and is cancelled with a reason for each row, in their order", async () => {
    const { put, transact } = await table("tenon-test-transactions");
    for (const sk of ["1", "2", "3", "4"]) await transact(row("hot", sk), row("cold", sk));
    await put("hot", "5");
    await put("hot", "6");
    await expect(transact(row("cold", "9"), row("hot", "9"))).rejects.toMatchObject({
      name: "TransactionCanceledException",
      message: expect.stringContaining("[None, ThrottlingError]"),
      CancellationReasons: [{ Code: "None" }, { Code: "ThrottlingError", Message: expect.stringContaining("Throughput exceeds") }],
    });
  });

  test("an item of 400 KB is kept, and not a byte more; so are the sizes of batches and transactions", async () => {
    const TableName = "tenon-test-sizes";
    await createTable(aws.account, TableName);
    const item = (bytes: number) => ({ ...row(`of ${bytes}`, "1"), text: text(bytes) });
    const rest = "pk".length + "of 409000".length + "sk1".length + "text".length;
    const put = (bytes: number) => dynamo.send(new PutItemCommand({ TableName, Item: item(bytes - rest) }));
    await put(400 * 1024);
    await expect(put(400 * 1024 + 1)).rejects.toThrow(/Item size has exceeded the maximum allowed size/);
    const rows = (count: number) => Array.from({ length: count }, (_each, n) => row(`row ${n}`, "1"));
    const batch = (count: number) =>
      dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: rows(count).map((Item) => ({ PutRequest: { Item } })) } }));
    await batch(25);
    await expect(batch(26)).rejects.toMatchObject({ name: "ValidationException" });
    const read = (count: number) => dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: rows(count) } } }));
    await read(100);
    await expect(read(101)).rejects.toMatchObject({ name: "ValidationException" });
    const transact = (count: number) =>
      dynamo.send(new TransactWriteItemsCommand({ TransactItems: rows(count).map((Item) => ({ Put: { TableName, Item } })) }));
    await transact(100);
    await expect(transact(101)).rejects.toMatchObject({ name: "ValidationException" });
  });

  test("a batch reads 16 MB, and gives the other keys back", async () => {
    const TableName = "tenon-test-large-batch";
    await createTable(aws.account, TableName);
    const keys = Array.from({ length: 42 }, (_each, n) => row(`row ${n}`, "1"));
    for (const key of keys) await dynamo.send(new PutItemCommand({ TableName, Item: { ...key, text: text(409_000) } }));
    const { Responses, UnprocessedKeys } = await dynamo.send(new BatchGetItemCommand({ RequestItems: { [TableName]: { Keys: keys } } }));
    expect([Responses?.[TableName]?.length, UnprocessedKeys?.[TableName]?.Keys?.length]).toEqual([41, 1]);
  });
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
      const StackName = `tenon-test-refused-${name}`;
      await formation().send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources: { Refused: resource } }) }));
      await expect.poll(() => reasons(StackName), { timeout: 20_000 }).toMatch(reason);
    }
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
