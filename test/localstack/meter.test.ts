import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactGetItemsCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import {
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from "@aws-sdk/client-s3";
import { CreateQueueCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { beforeAll, expect, test } from "vitest";
import { clientOptions, createFunction, createRole } from "../helpers/account.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";
import { metered } from "../helpers/meter.ts";
import { send, signed } from "./signing.ts";

// These are tests of the emulator itself, whatever endpoint others are to use.
const { AWS_ENDPOINT_URL: _, ...env } = process.env;
const aws = await emulatedAws({ env, kind: "ministack" });
const TABLE = "tenon-test-metered";

describeAws(aws)("the meter of an emulated account", () => {
  const root = () => clientOptions(aws.account, aws.account.rootCredentials);
  const dynamo = new DynamoDBClient(root());
  /** A row of so many thousand bytes; `by` puts it into the index. */
  const row = (sk: string, kilobytes = 0, by?: string) => ({
    pk: { S: "metered" },
    sk: { S: sk },
    ...(kilobytes > 0 && { text: { S: "x".repeat(kilobytes * 1000) } }),
    ...(by !== undefined && { by: { S: by } }),
  });
  const key = (sk: string) => ({ TableName: TABLE, Key: row(sk) });
  /** The units that a request takes: written, read, and written to the index. */
  const units = async (run: () => Promise<unknown>) => {
    const { billed } = await metered(aws.account, run);
    const { writeUnits = 0, readUnits = 0, indexWriteUnits = 0 } = billed.tables[TABLE] ?? {};
    return [writeUnits, readUnits, indexWriteUnits];
  };
  const put = (item: ReturnType<typeof row>) => () => dynamo.send(new PutItemCommand({ TableName: TABLE, Item: item }));

  beforeAll(async () => {
    const index = {
      IndexName: "by-owner",
      KeySchema: [{ AttributeName: "by", KeyType: "HASH" as const }],
      Projection: { ProjectionType: "KEYS_ONLY" as const },
    };
    await dynamo.send(
      new CreateTableCommand({
        TableName: TABLE,
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [
          { AttributeName: "pk", KeyType: "HASH" },
          { AttributeName: "sk", KeyType: "RANGE" },
        ],
        AttributeDefinitions: ["pk", "sk", "by"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
        GlobalSecondaryIndexes: [index],
      }),
    );
  });

  test("a write takes a unit for each started KB of what was or becomes, and the index its own", async () => {
    expect(await units(put(row("1")))).toEqual([1, 0, 0]);
    expect(await units(put(row("1", 3)))).toEqual([3, 0, 0]);
    expect(await units(put(row("1")))).toEqual([3, 0, 0]);
    expect(await units(put(row("2", 0, "a")))).toEqual([1, 0, 1]);
    expect(await units(put(row("2", 0, "b")))).toEqual([1, 0, 2]);
    const update = new UpdateItemCommand({
      ...key("3"),
      UpdateExpression: "SET t = :t",
      ExpressionAttributeValues: { ":t": { S: "x".repeat(1500) } },
    });
    expect(await units(() => dynamo.send(update))).toEqual([2, 0, 0]);
  });

  test("a write whose condition fails is paid for as well", async () => {
    await put(row("4", 2))();
    const again = new PutItemCommand({ TableName: TABLE, Item: row("4"), ConditionExpression: "attribute_not_exists(pk)" });
    expect(await units(() => dynamo.send(again).catch(() => undefined))).toEqual([2, 0, 0]);
    const { input } = again;
    const both = [{ Put: { ...input, Item: row("4") } }, { Put: { ...input, Item: row("4a") } }];
    const transaction = new TransactWriteItemsCommand({ TransactItems: both });
    expect(await units(() => dynamo.send(transaction).catch(() => undefined))).toEqual([6, 0, 0]);
  });

  test("a read takes a unit for each started 4 KB when it is consistent, and half of it when not", async () => {
    await put(row("5", 5))();
    expect(await units(() => dynamo.send(new GetItemCommand({ ...key("5"), ConsistentRead: true })))).toEqual([0, 2, 0]);
    expect(await units(() => dynamo.send(new GetItemCommand(key("5"))))).toEqual([0, 1, 0]);
    expect(await units(() => dynamo.send(new GetItemCommand(key("none"))))).toEqual([0, 0.5, 0]);
    // A query adds up what it looks at, and rounds once; a filter saves nothing.
    for (const n of ["6a", "6b", "6c"]) await put(row(n, 2))();
    const query = {
      TableName: TABLE,
      KeyConditionExpression: "pk = :p AND begins_with(sk, :s)",
      FilterExpression: "attribute_not_exists(#t)",
      ExpressionAttributeNames: { "#t": "text" },
      ExpressionAttributeValues: { ":p": { S: "metered" }, ":s": { S: "6" } },
      ConsistentRead: true,
    };
    expect(await units(() => dynamo.send(new QueryCommand(query)))).toEqual([0, 2, 0]);
  });

  test("a transaction takes double, a batch as much as its rows", async () => {
    const items = [row("7a"), row("7b", 2)];
    const write = new TransactWriteItemsCommand({ TransactItems: items.map((Item) => ({ Put: { TableName: TABLE, Item } })) });
    expect(await units(() => dynamo.send(write))).toEqual([6, 0, 0]);
    const read = new TransactGetItemsCommand({ TransactItems: ["7a", "7b"].map((sk) => ({ Get: key(sk) })) });
    expect(await units(() => dynamo.send(read))).toEqual([0, 4, 0]);
    const batch = new BatchWriteItemCommand({
      RequestItems: { [TABLE]: [row("8a"), row("8b", 2)].map((Item) => ({ PutRequest: { Item } })) },
    });
    expect(await units(() => dynamo.send(batch))).toEqual([3, 0, 0]);
    const reads = (ConsistentRead: boolean) => () =>
      dynamo.send(new BatchGetItemCommand({ RequestItems: { [TABLE]: { Keys: [row("7a"), row("8a")], ConsistentRead } } }));
    expect(await units(reads(true))).toEqual([0, 2, 0]);
    expect(await units(reads(false))).toEqual([0, 1, 0]);
  });

  test("requests are counted by service and action, those for objects by class as well", async () => {
    const s3 = new S3Client({ ...root(), forcePathStyle: true });
    const Bucket = "tenon-test-metered";
    await s3.send(new CreateBucketCommand({ Bucket }));
    const sqs = new SQSClient(root());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "tenon-test-metered" }));
    const { billed } = await metered(aws.account, async () => {
      await s3.send(new PutObjectCommand({ Bucket, Key: "a", Body: "1" }));
      await s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
      await s3.send(new GetObjectCommand({ Bucket, Key: "a" }));
      await s3.send(new ListObjectsV2Command({ Bucket }));
      await s3.send(new DeleteObjectCommand({ Bucket, Key: "a" }));
      await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: "a" }] } }));
      await s3.send(new CreateMultipartUploadCommand({ Bucket, Key: "b" }));
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
      await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: Id })) }));
      await new SSMClient(root()).send(new GetParametersCommand({ Names: ["/tenon/none"] }));
    });
    expect(billed.s3).toEqual({ write: 3, read: 2, free: 2 });
    expect(billed.requests).toEqual({
      "s3:PUT": 1,
      "s3:GET": 3,
      "s3:POST": 2,
      "s3:DELETE": 1,
      "sqs:SendMessage": 1,
      "sqs:SendMessageBatch": 1,
      "ssm:GetParameters": 1,
    });
  });

  test("what a Lambda prints is counted in bytes, and its custom metrics by name and dimensions", async () => {
    const FunctionName = "tenon-test-metered";
    const source = `export const handler = async ({ kind }) => {
      process.stdout.write("naïve\\n");
      const CloudWatchMetrics = [{ Namespace: "Tenon", Dimensions: [["Kind"], []], Metrics: [{ Name: "Errors" }] }];
      if (kind) process.stdout.write(JSON.stringify({ _aws: { Timestamp: 1, CloudWatchMetrics }, Kind: kind, Errors: 1 }) + "\\n");
    };`;
    await createFunction(aws.account, FunctionName, source);
    const lambda = new LambdaClient(root());
    const invoke = (kind?: string) =>
      metered(aws.account, () => lambda.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify({ kind }) })));
    await invoke();
    const plain = (await invoke()).billed;
    expect(plain.requests).toEqual({ "lambda:Invoke": 1 });
    expect(plain.logs).toEqual({ bytes: Buffer.byteLength("naïve\n"), platformBytes: expect.any(Number) });
    expect(plain.logs.platformBytes).toBeGreaterThan(150);
    const LoggingConfig = { LogFormat: "JSON", SystemLogLevel: "WARN" } as const;
    await createFunction(aws.account, "tenon-test-terse", source, { LoggingConfig });
    const terse = await metered(aws.account, () => lambda.send(new InvokeCommand({ FunctionName: "tenon-test-terse", Payload: "{}" })));
    expect(terse.billed.logs).toEqual({ bytes: plain.logs.bytes, platformBytes: 0 });
    expect(plain.metrics).toEqual([]);
    expect((await invoke("a")).billed.metrics).toEqual(["Tenon/Errors{Kind=a}", "Tenon/Errors{}"]);
    expect((await invoke("a")).billed.metrics).toEqual([]);
    expect((await invoke("b")).billed.metrics).toEqual(["Tenon/Errors{Kind=b}"]);
  });

  test("what an event source asks of its queue is apart from other requests", async () => {
    const FunctionName = "tenon-test-fed";
    const Role = await createRole(aws.account, FunctionName, [{ Effect: "Allow", Action: "sqs:*", Resource: "*" }]);
    await createFunction(aws.account, FunctionName, "export const handler = async () => {};", { Role });
    const sqs = new SQSClient(root());
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: FunctionName }));
    const EventSourceArn = `arn:aws:sqs:us-east-1:${aws.account.accountId}:${FunctionName}`;
    await new LambdaClient(root()).send(new CreateEventSourceMappingCommand({ FunctionName, EventSourceArn }));
    const before = await aws.account.meter();
    await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "1" }));
    const deletes = async () => ((await aws.account.meter()).eventSources["deletes"] ?? 0) - (before.eventSources["deletes"] ?? 0);
    await expect.poll(deletes, { timeout: 20_000 }).toBe(1);
    const after = await aws.account.meter();
    expect(after.eventSources["receives"]).toBe((before.eventSources["receives"] ?? 0) + 1);
    expect(after.requests["sqs:ReceiveMessage"]).toBe(before.requests["sqs:ReceiveMessage"]);
  });

  test("it is read by whoever has a key, and by nobody else; it starts anew when it is told to", async () => {
    const wire = { method: "GET", path: "/_tenon/meter", headers: { host: new URL(aws.account.endpoint).host }, body: "" };
    const own = await send(aws.account.endpoint, signed(wire, { credentials: aws.account.credentials, service: "sqs" }));
    expect(own.status).toBe(200);
    expect(JSON.parse(own.body)).toEqual(await aws.account.meter());
    expect((await send(aws.account.endpoint, wire)).status).toBe(403);
    await aws.account.resetMeter();
    expect(await aws.account.meter()).toMatchObject({ tables: {}, requests: {}, logs: { bytes: 0 } });
  });
});
