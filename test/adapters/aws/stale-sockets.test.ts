import { spawn } from "node:child_process";
import { once } from "node:events";
import { Agent } from "node:http";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { createLambdaApi, type LambdaApi } from "../../../src/adapters/aws/lambda.ts";
import { resultOfRejection } from "../../../src/adapters/functions/aws-failure.ts";

const ANSWER = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}";
const TRIED = { ref: { app: "a", name: "f" }, attempt: 1, environment: "dev", lambda: "f", signal: undefined };

beforeEach(() => {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
afterEach(() => void vi.unstubAllEnvs());

/** A client of a server that does with its n-th request, both from 1, on its k-th connection what it is told. */
async function connect(onRequest: (socket: Socket, request: number, connection: number) => void): Promise<LambdaApi> {
  let connections = 0;
  let requests = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    const connection = ++connections;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.on("data", () => onRequest(socket, ++requests, connection));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const lambda = createLambdaApi({ region: "us-east-1", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  onTestFinished(() => {
    lambda.destroy();
    for (const socket of open) socket.destroy();
    server.close();
  });
  return lambda;
}

test("a request that meets a reset on a socket used before goes out once more, on a new one", async () => {
  const seen: string[] = [];
  const lambda = await connect((socket, request, connection) => {
    seen.push(`request ${request} on connection ${connection}`);
    if (request === 2) socket.resetAndDestroy();
    else socket.write(ANSWER);
  });
  await lambda.invoke("f", "{}", undefined);
  expect((await lambda.invoke("f", "{}", undefined)).payload).toBe("{}");
  expect(seen).toEqual(["request 1 on connection 1", "request 2 on connection 1", "request 3 on connection 2"]);
});

test("no other idle socket is tried after one was dead", async () => {
  const dead = new Set<Socket>();
  let served = 0;
  const waiting: Socket[] = [];
  const lambda = await connect((socket) => {
    if (dead.has(socket)) return void socket.resetAndDestroy();
    served++;
    if (served > 5) return void socket.write(ANSWER);
    // Five requests at the same time, so that five sockets are idle afterwards.
    waiting.push(socket);
    if (waiting.length < 5) return;
    for (const one of waiting) one.write(ANSWER);
  });
  await Promise.all([1, 2, 3, 4, 5].map(() => lambda.invoke("f", "{}", undefined)));
  for (const socket of waiting) dead.add(socket);
  expect((await lambda.invoke("f", "{}", undefined)).payload).toBe("{}");
  expect(served).toBe(6);
});

test("a reset on a new socket, and one after an answer has begun, are losses", async () => {
  let requests = 0;
  const lambda = await connect((socket, request) => {
    requests = request;
    if (request === 1) socket.resetAndDestroy();
    else if (request === 2) socket.write(ANSWER);
    else socket.write("HTTP/1.1 200 OK\r\ncontent-le", () => socket.resetAndDestroy());
  });
  const result = (): Promise<unknown> => lambda.invoke("f", "{}", undefined).catch((error: unknown) => resultOfRejection(error, TRIED));
  expect(await result()).toMatchObject({ status: "lost" });
  expect(await result()).toMatchObject({ payload: "{}" });
  expect(await result()).toMatchObject({ status: "lost" });
  expect(requests).toBe(3);
});

test("a process that stood still while its peer closed sends nothing on the dead socket", async () => {
  const child = spawn(process.execPath, [join(import.meta.dirname, "../../helpers/closing-server.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { value: port } = await lines.next();
  const reused = vi.spyOn(Agent.prototype, "reuseSocket");
  onTestFinished(() => {
    reused.mockRestore();
  });
  const lambda = createLambdaApi({ region: "us-east-1", endpoint: `http://127.0.0.1:${port}` });
  await lambda.invoke("f", "{}", undefined);
  // Nothing of this process runs meanwhile, as when it is frozen.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  expect((await lambda.invoke("f", "{}", undefined)).payload).toBe("{}");
  expect(reused).not.toHaveBeenCalled();
  lambda.destroy();
});
