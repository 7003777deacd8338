import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createInputQueues, createSendQueue, type InputQueues } from "../../../src/adapters/aws/sqs.ts";
import { createSendDelivery } from "../../../src/adapters/calls/aws-deliveries.ts";
import type { DeployedOnAws } from "../../../src/adapters/apps/aws.ts";

/** Requests that a FIFO queue takes in a second, in the quotas of SQS. */
const FIFO_PER_SECOND = 300;

process.env["AWS_ACCESS_KEY_ID"] ??= "test";
process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";

interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
  readonly DelaySeconds?: number;
  readonly MessageGroupId?: string;
  readonly MessageDeduplicationId?: string;
}

let server: Server;
let queues: InputQueues | undefined;
/** Bodies in the order in which the queue took them, and the requests that brought them. */
let taken: string[];
let batches: readonly Entry[][];

afterEach(() => {
  queues?.destroy();
  server.close();
  server.closeAllConnections();
});

/** A queue that takes what `refuse` gives no reason against: of a whole request, or of one message. */
async function startQueue(params: { request?: (nth: number) => string | undefined; message?: (body: string) => string | undefined } = {}) {
  taken = [];
  const seen: Entry[][] = (batches = []);
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { Entries?: Entry[] } & Entry;
      if (String(request.headers["x-amz-target"]).endsWith("GetQueueUrl")) return reply(response, 200, { QueueUrl: `${url()}/queue.fifo` });
      const refusal = params.request?.(seen.length);
      const entries = body.Entries ?? [body];
      seen.push(entries);
      const bytes = entries.reduce((sum, { MessageBody }) => sum + Buffer.byteLength(MessageBody), 0);
      if (entries.length > 10 || bytes > 1_048_576) return reply(response, 400, { __type: "BatchRequestTooLong", message: "refused" });
      if (refusal !== undefined) return reply(response, 403, { __type: refusal, message: "refused" }, `${refusal};Sender`);
      const Failed = entries.flatMap(({ Id, MessageBody }) => {
        const Code = params.message?.(MessageBody);
        if (Code === undefined) taken.push(MessageBody);
        return Code === undefined ? [] : [{ Id, Code, SenderFault: Code !== "InternalError", Message: "refused" }];
      });
      const failed = new Set(Failed.map(({ Id }) => Id));
      const Successful = entries
        .filter(({ Id }) => !failed.has(Id))
        .map(({ Id, MessageBody }) => ({ Id, MD5OfMessageBody: md5(MessageBody) }));
      reply(response, 200, { Successful, Failed });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const at = { region: "us-east-1", endpoint: url() };
  return (queues = createInputQueues(at));
}

const url = (): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

function reply(response: ServerResponse, status: number, body: object, queryError = ""): void {
  response.writeHead(status, { "content-type": "application/x-amz-json-1.0", "x-amzn-query-error": queryError }).end(JSON.stringify(body));
}

test("1,000 spawns in one go reach a FIFO queue of 300 requests a second, each once and in their order", { timeout: 120_000 }, async () => {
  const seconds = new Map<number, number>();
  const inputs = await startQueue({
    request: () => {
      const second = Math.floor(Date.now() / 1_000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
      return (seconds.get(second) ?? 0) > FIFO_PER_SECOND ? "RequestThrottled" : undefined;
    },
  });
  const manifest = { functions: { one: { name: "one", kind: "function", maxContainers: 1 } } };
  const send = createSendDelivery({
    environment: "dev",
    deployed: async () => ({ manifest }) as unknown as DeployedOnAws,
    clients: async () => ({ inputs, events: { send: () => Promise.reject(new TypeError("no event")), destroy: () => undefined } }),
  });
  const ids = Array.from({ length: 1_000 }, (_, n) => `fc-${n}`);
  const ends = await Promise.allSettled(ids.map((callId) => send({ app: "a", name: "one" }, { callId, delivery: 1 })));
  expect(ends.filter(({ status }) => status === "rejected")).toEqual([]);
  expect(taken.map((body) => (JSON.parse(body) as { callId: string }).callId)).toEqual(ids);
  // Ten in each request but the first.
  expect(batches.length).toBeLessThanOrEqual(110);
});

test("each sender has the answer to its own message, and what is throttled is sent again before what came later", async () => {
  let [throttled, ill] = [2, 1];
  const inputs = await startQueue({
    message(body) {
      if (body === '"bad"') return "InvalidMessageContents";
      if (body === '"ill"' && ill-- > 0) return "InternalError";
      return body === '"busy"' && throttled-- > 0 ? "RequestThrottled" : undefined;
    },
  });
  const bodies = ["first", "bad", "busy", "ill", ...Array.from({ length: 12 }, (_, n) => `later ${n}`)];
  const ends = await Promise.allSettled(bodies.map((body) => inputs.send("queue.fifo", JSON.stringify(body))));
  expect(ends.flatMap((end, i) => (end.status === "rejected" ? [`${bodies[i]}: ${(end.reason as Error).name}`] : []))).toEqual([
    "bad: InvalidMessageContents",
  ]);
  expect(batches.flat().filter(({ MessageBody }) => MessageBody === '"bad"')).toHaveLength(1);
  const order = taken.map((body) => JSON.parse(body) as string);
  expect(order.toSorted()).toEqual(bodies.filter((body) => body !== "bad").toSorted());
  expect(order.indexOf("busy")).toBeLessThan(order.indexOf("later 11"));
});

test("a request that is throttled as a whole is no denial, and is sent again", async () => {
  const inputs = await startQueue({ request: (nth) => (nth < 8 ? "RequestThrottled" : undefined) });
  await inputs.send("queue.fifo", '"one"');
  expect(taken).toEqual(['"one"']);
});

test("a request holds no more than SQS takes, and a delay stays with its message", async () => {
  await startQueue();
  const queue = createSendQueue(`${url()}/queue`, { region: "us-east-1", endpoint: url() });
  const large = JSON.stringify("ä".repeat(200_000));
  await Promise.all(Array.from({ length: 20 }, (_, n) => queue.send(n % 2 === 0 ? large : `"${n}"`, n * 1_000)));
  queue.destroy();
  expect(taken.length).toBe(20);
  const delays = batches.flat().map(({ MessageBody, DelaySeconds }) => (MessageBody === large ? -1 : DelaySeconds));
  expect(delays.filter((delay) => delay !== -1).toSorted((a = 0, b = 0) => a - b)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
});
