import { setTimeout as pause } from "node:timers/promises";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import type { Emulator } from "../../../localstack/start.js";
import type { DeployedOnAws } from "../../../src/adapters/apps/aws.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { createAwsDriver } from "../../../src/adapters/calls/aws-driver.ts";
import { createSendDelivery } from "../../../src/adapters/calls/aws-deliveries.ts";
import { createAwsDueRows } from "../../../src/adapters/calls/aws-due.ts";
import { openAwsCallRows } from "../../../src/adapters/calls/aws-open.ts";
import { createAwsCalls } from "../../../src/adapters/calls/aws.ts";
import { blobBucket, callsTable, dataTable, dispatcherQueue, FIFO_SUFFIX, inputQueue } from "../../../src/model/aws-names.ts";
import type { CallsPort } from "../../../src/ports/calls.ts";
import { createDispatcher } from "../../../src/runtime/lambda/dispatcher.ts";
import { clientOptions, createTable } from "../account.ts";
import { deployForTest, TEST_ENVIRONMENT } from "./deploy.ts";
import type { StartEnvironment } from "./environment.ts";

/** The durable calls of an App whose containers run on a small AWS, and whose rows and queues are on an emulated account. */
export interface DurableForTest {
  readonly calls: CallsPort;
  /** Messages of a Function's queue: those that wait, and those that a container has. */
  messages(fn: string): Promise<readonly [waiting: number, received: number]>;
  close(): Promise<void>;
}

/** What a function said to an invocation, and the id of its request. */
interface Answer {
  readonly requestId: string;
  /** Of one that failed. */
  readonly error?: unknown;
}

/** As `functions-inputs.ts` has it. */
const VISIBILITY_SPARE_SECONDS = 30;
/** An event source asks at once again; a short wait lets the test end soon. */
const POLL_SECONDS = 1;
const MAX_MESSAGES = 10;
/** Events that run at a time; the others wait in Lambda's queue. A body must have time for its ending on a busy machine. */
const EVENTS_AT_ONCE = 2;

/**
 * Deploys the App of a file so. What Lambda does between queues and containers is played here: it hands out events and
 * messages, one message at a time, is done with a message when its invocation succeeded, and sends the record of an event
 * that failed to the dispatcher's queue. The dispatcher runs in this process.
 */
export async function deployDurable(account: Emulator, app: string, entryFile: string, start: StartEnvironment): Promise<DurableForTest> {
  const environment = TEST_ENVIRONMENT;
  const sqs = new SQSClient(clientOptions(account, account.rootCredentials));
  const createQueue = async (QueueName: string, Attributes: Record<string, string> = {}): Promise<string> =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl ?? "";
  await Promise.all([callsTable(environment), dataTable(environment)].map((table) => createTable(account, table)));
  const dispatcherUrl = await createQueue(dispatcherQueue(environment, app));
  const bucket = blobBucket(environment, account.accountId, account.region);
  const { accessKeyId, secretAccessKey } = account.rootCredentials;
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  Object.assign(process.env, keys);
  const deployed = await deployForTest(entryFile, start, {
    ...keys,
    AWS_ENDPOINT_URL: account.endpoint,
    AWS_REGION: account.region,
    TENON_BUCKET: bucket,
    TENON_DISPATCHER_QUEUE_URL: dispatcherUrl,
  });
  const { manifest } = deployed;

  const clients = createAwsClients({ region: account.region, endpoint: account.endpoint });
  const rows = openAwsCallRows(() => Promise.resolve(clients), { table: callsTable(environment), bucket: () => Promise.resolve(bucket) });
  const enqueue = (body: string, delayMs: number): Promise<void> => clients.queue(dispatcherUrl).send(body, delayMs);
  const slots = Array.from({ length: EVENTS_AT_ONCE }, () => Promise.resolve());
  const handOutEvent = async (name: string, payload: string): Promise<void> => {
    const { requestId, error } = await invoke(deployed.aws.endpoint, name, payload);
    if (error !== undefined) await enqueue(recordOf(requestId, payload, error), 0);
  };
  const inLine = (name: string, payload: string): Promise<void> => {
    const turn = slots.shift()!.then(() => handOutEvent(name, payload));
    slots.push(turn);
    return turn;
  };
  const flights = new Set<Promise<void>>();
  const fly = (flight: Promise<void>): void => void flights.add(flight.finally(() => flights.delete(flight)));
  const sendDelivery = createSendDelivery({
    environment,
    deployed: () => Promise.resolve({ manifest } as unknown as DeployedOnAws),
    clients: () =>
      Promise.resolve({
        events: { send: async (name, payload) => fly(inLine(name, payload)), destroy: () => {} },
        inputs: clients.inputs,
      }),
  });
  const driver = createAwsDriver({ rows, later: enqueue });
  const due = createAwsDueRows(clients.table(callsTable(environment)), environment);
  const dispatcher = createDispatcher({ environment, app, rows, due, driver, sendDelivery, enqueue });

  let closed = false;
  /** Takes messages as an event source does; `work` says which of them come back. */
  const poll = async (
    QueueUrl: string,
    atOnce: number,
    work: (messages: readonly Message[]) => Promise<ReadonlySet<string>>,
  ): Promise<void> => {
    while (!closed) {
      const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: atOnce, WaitTimeSeconds: POLL_SECONDS }));
      const messages = received.Messages ?? [];
      if (messages.length === 0) continue;
      const failed = await work(messages);
      for (const { MessageId = "", ReceiptHandle } of messages)
        if (!failed.has(MessageId)) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    }
  };
  fly(
    poll(dispatcherUrl, MAX_MESSAGES, async (messages) => {
      const Records = messages.map(({ MessageId = "", Body = "" }) => ({ messageId: MessageId, body: Body }));
      const { batchItemFailures } = await dispatcher.handle({ Records });
      return new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    }),
  );
  const queues = new Map<string, string>();
  for (const spec of Object.values(manifest.functions)) {
    const name = inputQueue(environment, app, spec);
    const lambda = deployed.functions.get(spec.name);
    if (name === undefined || lambda === undefined) continue;
    const url = await createQueue(name, {
      VisibilityTimeout: String(Math.ceil(lambda.timeoutMs / 1_000) + VISIBILITY_SPARE_SECONDS),
      ...(name.endsWith(FIFO_SUFFIX) ? { FifoQueue: "true" } : {}),
    });
    queues.set(spec.name, url);
    const arn = `arn:aws:sqs:${account.region}:${account.accountId}:${name}`;
    fly(
      poll(url, 1, async ([message]) => {
        const { MessageId: messageId = "", ReceiptHandle: receiptHandle, Body: body } = message as Message;
        const record = { messageId, receiptHandle, body, eventSource: "aws:sqs", eventSourceARN: arn, awsRegion: account.region };
        const { error } = await invoke(deployed.aws.endpoint, lambda.name, JSON.stringify({ Records: [record] }));
        return new Set(error === undefined ? [] : [messageId]);
      }),
    );
  }

  return {
    calls: createAwsCalls({ environment, rows, sendDelivery, checkFunction: () => Promise.resolve() }),
    async messages(fn) {
      const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: queues.get(fn), AttributeNames: ["All"] }));
      return [Number(Attributes["ApproximateNumberOfMessages"]), Number(Attributes["ApproximateNumberOfMessagesNotVisible"])];
    },
    async close() {
      closed = true;
      await Promise.race([Promise.allSettled(flights), pause(POLL_SECONDS * 3_000)]);
      await deployed.close();
      clients.destroy();
      sqs.destroy();
    },
  };
}

// --- Internal helpers ---

async function invoke(endpoint: string, name: string, body: string): Promise<Answer> {
  const response = await fetch(`${endpoint}/2015-03-31/functions/${name}/invocations`, { method: "POST", body });
  const requestId = response.headers.get("x-amzn-requestid") ?? "";
  const payload = await response.text();
  if (!response.ok) throw new RangeError(`Invoke of ${name} was answered with ${response.status}: ${payload}`);
  return response.headers.has("x-amz-function-error") ? { requestId, error: JSON.parse(payload) as unknown } : { requestId };
}

/** What Lambda sends to the destination for failed events. */
function recordOf(requestId: string, payload: string, responsePayload: unknown): string {
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date().toISOString(),
    requestContext: { requestId, condition: "RetriesExhausted", approximateInvokeCount: 1 },
    requestPayload: JSON.parse(payload) as unknown,
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload,
  });
}
