import { CreateTableCommand, DeleteTableCommand, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { CreateQueueCommand, DeleteMessageCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { keyItem } from "../../../src/adapters/aws/table-row.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { createValueStore } from "../../../src/adapters/functions/aws-values.ts";
import { createAwsCalls } from "../../../src/adapters/calls/aws.ts";
import { createAwsDriver, type AwsDriver } from "../../../src/adapters/calls/aws-driver.ts";
import type { DeployedOnAws } from "../../../src/adapters/apps/aws.ts";
import { createSendDelivery } from "../../../src/adapters/calls/aws-deliveries.ts";
import { type AwsDueRows, createAwsDueRows } from "../../../src/adapters/calls/aws-due.ts";
import { inKey, outKey } from "../../../src/adapters/calls/aws-keys.ts";
import { createAwsCallRows, type AwsCallRows } from "../../../src/adapters/calls/aws-rows.ts";
import { NotFoundError } from "../../../src/model/errors.ts";
import { resolveFunctionOptions } from "../../../src/model/function-options.ts";
import type { CallsPort } from "../../../src/ports/calls.ts";
import { createDispatcher, type DispatcherParams } from "../../../src/runtime/lambda/dispatcher.ts";
import { runDurableInput, type DurableEnd } from "../../../src/runtime/lambda/durable-input.ts";
import { createLoop } from "../../../src/runtime/loop.ts";
import { decodeDelivery, type Delivery } from "../../../src/wire/delivery.ts";
import { app } from "./local-backend.ts";

/** Where the emulated account is. */
export interface Account {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A Function of a test: its body, its retries and its timeout. */
export interface TestFunction {
  readonly body: (...args: never[]) => unknown;
  readonly retries?: number;
  readonly timeoutMs?: number;
  readonly maxContainers?: number;
}

/**
 * The durable calls of one App over a real table, bucket and queue. What Lambda does stands here: an event is kept until
 * the test hands it to the runtime half, in this process.
 */
export interface AwsCallsWorld {
  /** Name of the table. */
  readonly table: string;
  readonly calls: CallsPort;
  readonly rows: AwsCallRows;
  readonly due: AwsDueRows;
  readonly driver: AwsDriver;
  readonly dispatcher: ReturnType<typeof createDispatcher>;
  /** Payloads that Lambda has taken and not handed out yet. */
  readonly events: string[];
  /** Messages that are in the queues of Functions, each with its queue. */
  readonly messages: { readonly queue: string; readonly payload: string }[];
  /** Hands one payload to its Function; `endsAtMs` is when Lambda would end it. */
  invoke(payload: string, params?: { readonly requestId?: string; readonly endsAtMs?: number }): Promise<DurableEnd>;
  /** Hands out all events, and all messages of the queue to the dispatcher, until there are no more. */
  settle(): Promise<void>;
  /** The messages that are in the queue now, taken out of it. */
  take(waitSeconds?: number): Promise<readonly { readonly messageId: string; readonly body: string }[]>;
  /** Keys of the objects in the bucket. */
  objects(): Promise<readonly string[]>;
  /** Sets an ended call's clock back. */
  age(callId: string, ms: number): Promise<void>;
  /** Takes from an accepted call what says which input it has, as in the rows of an older Tenon. */
  dropDigest(callId: string): Promise<void>;
  close(): Promise<void>;
}

let opened = 0;

export async function openAwsCallsWorld(
  account: Account,
  functions: Readonly<Record<string, TestFunction>>,
  limits: Pick<DispatcherParams, "sweepBudgetMs"> = {},
): Promise<AwsCallsWorld> {
  const name = `tenon-calls-${process.pid}-${Date.now()}-${++opened}`;
  const options = { region: account.region, endpoint: account.endpoint };
  process.env["AWS_ACCESS_KEY_ID"] = account.credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = account.credentials.secretAccessKey;
  const db = new DynamoDBClient(options);
  const s3 = new S3Client({ ...options, forcePathStyle: true });
  const sqs = new SQSClient(options);
  await db.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: ["pk", "sk"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "pk", KeyType: "HASH" },
        { AttributeName: "sk", KeyType: "RANGE" },
      ],
    }),
  );
  await s3.send(new CreateBucketCommand({ Bucket: name }));
  const { QueueUrl = "" } = await sqs.send(new CreateQueueCommand({ QueueName: name }));

  const clients = createAwsClients(options);
  const table = clients.table(name);
  const queue = clients.queue(QueueUrl);
  const values = createValueStore(
    () => Promise.resolve(clients),
    () => Promise.resolve(name),
  );
  const rows = createAwsCallRows(table, values);
  let queued = 0;
  const later = (body: string, delayMs: number): Promise<void> => {
    queued++;
    return queue.send(body, delayMs);
  };
  const driver = createAwsDriver({ rows, later });
  const events: string[] = [];
  const messages: AwsCallsWorld["messages"] = [];
  const specs = Object.fromEntries(
    Object.entries(functions).map(([fn, { body: _, ...declared }]) => [fn, resolveFunctionOptions(fn, "function", declared)]),
  );
  const sendDelivery = createSendDelivery({
    environment: "dev",
    deployed: () => Promise.resolve({ manifest: { functions: specs } } as unknown as DeployedOnAws),
    clients: () =>
      Promise.resolve({
        events: { send: async (_function, payload) => void events.push(payload), destroy: () => {} },
        inputs: { send: async (to, payload) => void messages.push({ queue: to, payload }), destroy: () => {} },
      }),
  });
  const due = createAwsDueRows(table, "dev");
  const dispatcher = createDispatcher({ environment: "dev", app, rows, due, driver, sendDelivery, enqueue: later, ...limits });
  const calls = createAwsCalls({
    environment: "dev",
    rows,
    sendDelivery,
    async checkFunction(ref) {
      if (functions[ref.name] === undefined) throw new NotFoundError(`Function "${ref.name}" is not deployed.`);
    },
  });
  let requests = 0;

  const take: AwsCallsWorld["take"] = async (waitSeconds = 0) => {
    const params = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: waitSeconds };
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(params));
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    queued -= Messages.length;
    return Messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body }));
  };

  const invoke: AwsCallsWorld["invoke"] = (payload, params = {}) => {
    const delivery = decodeDelivery(JSON.parse(payload)) as Delivery;
    const { body } = functions[delivery.fn] as TestFunction;
    const spec = specs[delivery.fn]!;
    const loop = createLoop({ spec, body: body as (...args: unknown[]) => unknown, onPoisoned: () => {} });
    return runDurableInput(delivery, {
      ref: { app, name: delivery.fn },
      retries: spec.retries,
      rows,
      driver,
      requestId: params.requestId ?? `request-${++requests}`,
      endsAtMs: params.endsAtMs ?? Date.now() + 60_000,
      run: (envelope) => loop.run(envelope),
      cancel: (inputId) => loop.cancel(inputId),
    });
  };

  return {
    table: name,
    calls,
    rows,
    due,
    driver,
    dispatcher,
    events,
    messages,
    invoke,
    take,
    async settle() {
      while (events.length > 0 || messages.length > 0 || queued > 0) {
        const payloads = [...events.splice(0), ...messages.splice(0).map(({ payload }) => payload)];
        await Promise.all(payloads.map((payload) => invoke(payload)));
        if (queued > 0) await dispatcher.handle({ Records: await take(2) });
      }
    },
    async objects() {
      const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: name }));
      return Contents.map(({ Key = "" }) => Key);
    },
    async dropDigest(callId) {
      const drop = { UpdateExpression: "REMOVE #input", ExpressionAttributeNames: { "#input": "input" } };
      await db.send(
        new UpdateItemCommand({ TableName: name, Key: keyItem(inKey(callId)), ConditionExpression: "attribute_exists(#input)", ...drop }),
      );
    },
    async age(callId, ms) {
      const record = await rows.look(callId);
      await db.send(
        new UpdateItemCommand({
          TableName: name,
          Key: keyItem(outKey(callId)),
          UpdateExpression: "SET finishedAt = :at",
          ExpressionAttributeValues: { ":at": { N: String((record.finishedAtMs ?? 0) - ms) } },
        }),
      );
    },
    async close() {
      await db.send(new DeleteTableCommand({ TableName: name }));
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      for (const client of [db, s3, sqs, clients]) client.destroy();
    },
  };
}
