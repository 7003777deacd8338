import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test } from "vitest";
import { openClient, type SharedOptions } from "../../../src/adapters/aws/open-client.ts";
import { Gate } from "../../../src/adapters/aws/gate.ts";
import { CONTAINER_SOCKETS } from "../../../src/adapters/aws/sockets.ts";

const credentials = { accessKeyId: "key", secretAccessKey: "secret" };

test("a request that waits for its socket longer than a connection may take is not lost", { timeout: 20_000 }, async () => {
  let asked = 0;
  const server = createServer(async (_, answer) => {
    // Longer than the 5 s in which a connection is made.
    if (++asked === 1) await sleep(6_000);
    answer.end("{}");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const options = { region: "us-east-1", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const client = openClient(
    options,
    { maxSockets: 1, requestTimeoutMs: 30_000 },
    (shared) => new LambdaClient({ ...shared, credentials, maxAttempts: 1 }),
  );
  onTestFinished(() => {
    client.destroy();
    server.close();
  });
  const invoke = () => client.send(new InvokeCommand({ FunctionName: "f" }));
  await Promise.all([invoke(), invoke()]);
  expect(asked).toBe(2);
});

test("places are given to who has waited longest, and one that nobody waits for to who comes next", async () => {
  const gate = new Gate(1);
  await gate.enter();
  gate.leave();
  const entered: number[] = [];
  for (const n of [1, 2, 3]) void gate.enter().then(() => entered.push(n));
  for (const inside of [[1], [1, 2], [1, 2, 3]]) {
    await expect.poll(() => entered).toEqual(inside);
    gate.leave();
  }
});

test("clients of a container share its 400 sockets", () => {
  expect(Object.values(CONTAINER_SOCKETS).reduce((sum, share) => sum + share, 0)).toBe(400);
  const open = (inContainer: boolean): object => {
    let given: SharedOptions | undefined;
    openClient({ inContainer }, { maxSockets: 1_000, requestTimeoutMs: 1_000, service: "lambda" }, (shared) => {
      given = shared;
      return new LambdaClient({ ...shared, region: "us-east-1" });
    }).destroy();
    return given!.requestHandler.httpsAgent;
  };
  const shared = open(true);
  expect(shared).toMatchObject({ maxTotalSockets: CONTAINER_SOCKETS.lambda });
  expect(open(true)).toBe(shared);
  expect(open(false)).toMatchObject({ maxTotalSockets: 1_000 });
});

test("closing a client of a container closes nobody else's sockets", async () => {
  let connections = 0;
  const server = createServer((_, answer) => answer.end("{}")).on("connection", () => connections++);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const open = (inContainer: boolean): LambdaClient =>
    openClient({ endpoint, region: "us-east-1", inContainer }, { maxSockets: 2, requestTimeoutMs: 10_000, service: "lambda" }, (shared) => new LambdaClient({ ...shared, credentials })); // prettier-ignore
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const invoke = (client: LambdaClient) => client.send(new InvokeCommand({ FunctionName: "f" }));
  const [one, other] = [open(true), open(true)];
  for (const client of [one, other]) await invoke(client);
  one.destroy();
  await invoke(other);
  expect(connections).toBe(1);
});
