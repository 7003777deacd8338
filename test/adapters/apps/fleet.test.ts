import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsPorts } from "../../../src/adapters/aws-ports.ts";
import { appParameter, cutAppParameter } from "../../../src/model/aws-names.ts";
import type { AppManifest } from "../../../src/model/manifest.ts";

/** Requests to the parameter store that an account has in a second, in Systems Manager's quotas. */
const SSM_PER_SECOND = 40;
const CONTAINERS = 200;

process.env["AWS_ACCESS_KEY_ID"] ??= "test";
process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";

/** A parameter store that takes so many requests in each second and throttles the others. */
const parameters = new Map<string, string>();
let server: Server;
let taken: number;
let refused: number;
let windows: Map<number, number>;

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const second = Math.floor(Date.now() / 1_000);
      const used = (windows.get(second) ?? 0) + 1;
      windows.set(second, used);
      const reply = (status: number, body: object): void =>
        void response.writeHead(status, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
      if (used > SSM_PER_SECOND) {
        refused++;
        return reply(400, { __type: "ThrottlingException", message: "Rate exceeded" });
      }
      taken++;
      const { Name, Names } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as { Name?: string; Names?: string[] };
      const found = (Names ?? [Name ?? ""]).flatMap((name) => {
        const Value = parameters.get(name);
        return Value === undefined ? [] : [{ Name: name, Value, ARN: `arn:aws:ssm:us-east-1:123456789012:parameter${name}` }];
      });
      if (Names !== undefined) return reply(200, { Parameters: found });
      reply(found.length === 0 ? 400 : 200, found.length === 0 ? { __type: "ParameterNotFound" } : { Parameter: found[0] });
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

/** An App whose text has eight pieces. */
function declare(name: string): AppManifest {
  const manifest = { name, functions: {}, maxCallDepth: 32, tags: { note: "x".repeat(30_000) } } as unknown as AppManifest;
  for (const [n, piece] of cutAppParameter(JSON.stringify({ version: "v1", manifest })).entries())
    parameters.set(appParameter("dev", name, n), piece);
  return manifest;
}

test(
  "200 containers that start together learn what is deployed under the parameter store's 40 requests a second",
  { timeout: 120_000 },
  async () => {
    [taken, refused, windows] = [0, 0, new Map()];
    const mine = declare("mine");
    const other = declare("other");
    const fleet = Array.from({ length: CONTAINERS }, () =>
      createAwsPorts({
        environment: "dev",
        region: "us-east-1",
        endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        bucket: "tenon-dev-123456789012-us-east-1",
        own: { app: "mine", version: "v1", bucket: "tenon-dev-123456789012-us-east-1", manifest: () => mine },
      }),
    );
    const learned = await Promise.allSettled(fleet.map(({ apps }) => Promise.all([apps.manifest("mine"), apps.manifest("other")])));
    for (const { close } of fleet) close();
    const failed = learned.flatMap((one) => (one.status === "rejected" ? [String(one.reason)] : []));
    expect({ failed: failed.length, first: failed[0] }).toEqual({ failed: 0, first: undefined });
    for (const one of learned) expect(one).toMatchObject({ value: [mine, other] });
    // Of its own App a container asks nothing, of the other one it asks once.
    expect(taken).toBe(CONTAINERS);
    expect(refused).toBeGreaterThan(0);
  },
);
