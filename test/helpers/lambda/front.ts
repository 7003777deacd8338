import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Environment, type Invocation, type LambdaFunction, type StartEnvironment, startEnvironment } from "./environment.ts";
import { chunkEvent, completeEvent } from "./event-stream.ts";

/**
 * The least of AWS that a Function needs, for the real SDK and AWS's real runtime client to talk to: Invoke with and
 * without streaming, objects by path, parameters by name. It checks no signature and no permission.
 */
export interface SmallAws {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** SSM parameters by name. */
  readonly parameters: Map<string, string>;
  /** What the functions' processes wrote, line by line. */
  readonly lines: string[];
  /** Requests by what they were: `Invoke`, `PutObject`, … */
  readonly seen: string[];
  /** The next so many invocations are refused with this answer. */
  refuseNext(times: number, status: number, type: string, reason?: string): void;
  /** The next so many invocations lose their connection after they were received. */
  breakNext(times: number): void;
  add(fn: LambdaFunction): void;
  /** Answers the invocations of a function itself, without a process; what it gives is the payload. */
  stand(name: string, answer: (event: string) => Promise<string>): void;
  /** Processes alive. */
  alive(name: string): number;
  close(): Promise<void>;
}

interface Pool {
  readonly fn: LambdaFunction;
  readonly queue: Invocation[];
  readonly environments: Set<Environment>;
  starting: number;
  lastEndAtMs: number;
}

/** As Lambda has it, for requests and answers. */
const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;
/** A small machine starts no more at the same time, and none while the ones it has come round quickly. */
const MAX_STARTING = 2;
const COME_ROUND_MS = 100;

/** Starts it on a free port; `start` makes the environments of its functions. */
export async function startSmallAws(start: StartEnvironment = startEnvironment): Promise<SmallAws> {
  const pools = new Map<string, Pool>();
  const stands = new Map<string, (event: string) => Promise<string>>();
  const objects = new Map<string, Buffer>();
  const parameters = new Map<string, string>();
  const lines: string[] = [];
  const seen: string[] = [];
  let refuse: { times: number; status: number; type: string; reason?: string | undefined } = { times: 0, status: 0, type: "" };
  let toBreak = 0;
  let closed = false;

  const feed = (pool: Pool): void => {
    for (const environment of pool.environments) {
      if (pool.queue.length === 0) return;
      if (environment.idle) environment.give(pool.queue.shift() as Invocation);
    }
    if (Date.now() - pool.lastEndAtMs < COME_ROUND_MS) {
      setTimeout(() => feed(pool), COME_ROUND_MS);
      return;
    }
    while (pool.queue.length > 0 && pool.starting < MAX_STARTING && !closed) {
      pool.starting++;
      let started = false;
      const ready = (): void => {
        if (started) return;
        started = true;
        pool.starting--;
      };
      // An environment that is still starting has its first invocation already, as on Lambda.
      const first = pool.queue.shift() as Invocation;
      void start(pool.fn, {
        onIdle: () => {
          ready();
          queueMicrotask(() => feed(pool));
        },
        onGone: () => {
          ready();
          for (const one of pool.environments) if (one.gone) pool.environments.delete(one);
          feed(pool);
        },
        onLine: (line) => lines.push(line),
      }).then((environment) => {
        pool.environments.add(environment);
        environment.give(first);
        setTimeout(() => {
          ready();
          feed(pool);
        }, 150);
      });
    }
  };

  const fail = (response: ServerResponse, status: number, type: string, message: string, reason?: string): void => {
    response.writeHead(status, { "content-type": "application/json", "x-amzn-errortype": type });
    response.end(JSON.stringify({ Type: "User", message, Message: message, Reason: reason }));
  };
  const invoke = (name: string, body: Buffer, streamed: boolean, response: ServerResponse): void => {
    const pool = pools.get(name);
    if (toBreak > 0) {
      toBreak--;
      response.destroy();
      return;
    }
    if (refuse.times > 0) {
      refuse = { ...refuse, times: refuse.times - 1 };
      return fail(response, refuse.status, refuse.type, "refused by the test", refuse.reason);
    }
    const stand = stands.get(name);
    if (stand !== undefined) return void stand(body.toString("utf8")).then((payload) => response.end(payload));
    if (pool === undefined) return fail(response, 404, "ResourceNotFoundException", `Function not found: ${name}`);
    if (body.length > MAX_PAYLOAD_BYTES) return fail(response, 413, "RequestTooLargeException", `${body.length} bytes`);
    const chunks: Buffer[] = [];
    const begin = (): void => {
      if (!response.headersSent) response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
    };
    const id = randomUUID();
    response.setHeader("x-amzn-requestid", id);
    pool.queue.push({
      id,
      event: body.length === 0 ? "{}" : body.toString("utf8"),
      onChunk(bytes) {
        if (!streamed) return void chunks.push(bytes);
        begin();
        response.write(chunkEvent(bytes));
      },
      onEnd(payload, error) {
        pool.lastEndAtMs = error === undefined ? Date.now() : 0;
        if (streamed) {
          begin();
          if (payload !== "" && error === undefined) response.write(chunkEvent(Buffer.from(payload)));
          response.end(completeEvent(error));
          return;
        }
        const answer = Buffer.concat([...chunks, Buffer.from(payload)]);
        const failure =
          answer.length > MAX_PAYLOAD_BYTES
            ? {
                errorType: "Function.ResponseSizeTooLarge",
                errorMessage: `Response payload size (${answer.length} bytes) exceeded maximum`,
              }
            : error;
        if (failure !== undefined) response.setHeader("x-amz-function-error", "Unhandled");
        response.writeHead(200, { "content-type": "application/json" });
        response.end(failure === undefined ? answer : JSON.stringify(failure));
      },
    });
    feed(pool);
  };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const path = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const [, , kind, name = "", operation] = path.split("/");
    if (kind === "functions") {
      const streamed = operation === "response-streaming-invocations";
      seen.push(streamed ? "InvokeWithResponseStream" : "Invoke");
      invoke(name, body, streamed, response);
    } else if (request.headers["x-amz-target"] === "AmazonSSM.GetParameters") {
      seen.push("GetParameters");
      const { Names } = JSON.parse(body.toString("utf8")) as { Names: string[] };
      const Parameters = Names.flatMap((Name) => {
        const Value = parameters.get(Name);
        return Value === undefined ? [] : [{ Name, Value, ARN: `arn:aws:ssm:us-east-1:000000000000:parameter${Name}` }];
      });
      response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify({ Parameters }));
    } else if (String(request.headers["x-amz-target"]).startsWith("DynamoDB_")) {
      // It has no rows, and says so as for a role that may not touch them.
      const action = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
      const Message = `User: role is not authorized to perform: dynamodb:${action} on resource: arn:aws:dynamodb:us-east-1:000000000000:table/rows`;
      response.writeHead(400, { "content-type": "application/x-amz-json-1.0" });
      response.end(JSON.stringify({ __type: "com.amazon.coral.service#AccessDeniedException", Message }));
    } else if (request.method === "PUT") {
      seen.push("PutObject");
      objects.set(path, body);
      response.writeHead(200, { etag: '"0"' }).end();
    } else {
      seen.push("GetObject");
      const object = objects.get(path);
      if (object === undefined) response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
      else response.writeHead(200, { "content-length": object.length }).end(object);
    }
  };
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    parameters,
    lines,
    seen,
    refuseNext: (times, status, type, reason) => (refuse = { times, status, type, reason }),
    breakNext: (times) => (toBreak = times),
    stand: (name, answer) => stands.set(name, answer),
    add: (fn) => pools.set(fn.name, { fn, queue: [], environments: new Set(), starting: 0, lastEndAtMs: 0 }),
    alive: (name) => pools.get(name)?.environments.size ?? 0,
    async close() {
      closed = true;
      for (const pool of pools.values()) pool.queue.length = 0;
      await Promise.all([...pools.values()].flatMap((pool) => [...pool.environments].map((one) => one.end())));
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
