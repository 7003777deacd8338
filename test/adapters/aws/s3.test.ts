import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createS3Api } from "../../../src/adapters/aws/s3.ts";

// An object whose body is cut off cannot be made to order on an emulator.
let server: Server;
let asked: number;
let cutOff: number;

beforeEach(async () => {
  asked = 0;
  server = createServer((_, answer) => {
    answer.writeHead(200, { "Content-Length": "10" });
    if (++asked > cutOff) return void answer.end("0123456789");
    answer.write("01234", () => answer.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  vi.stubEnv("AWS_ACCESS_KEY_ID", "key");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "secret");
});
afterEach(() => {
  vi.unstubAllEnvs();
  server.close();
  server.closeAllConnections();
});

const open = () => createS3Api({ region: "eu-central-1", endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });

test("an object whose body is cut off is read again", async () => {
  cutOff = 2;
  const s3 = open();
  expect(Buffer.from((await s3.find("bucket", "key"))!).toString()).toBe("0123456789");
  expect(asked).toBe(3);
  s3.destroy();
});

test("one that is cut off each time is not given, and the error says so", async () => {
  cutOff = Number.POSITIVE_INFINITY;
  const s3 = open();
  await expect(s3.find("bucket", "key")).rejects.toThrow(/aborted|reset/i);
  expect(asked).toBe(3);
  s3.destroy();
});

test("each request says whose bucket it must be", async () => {
  const owners: (string | string[] | undefined)[] = [];
  cutOff = 0;
  server.on("request", ({ headers }) => owners.push(headers["x-amz-expected-bucket-owner"]));
  const s3 = open();
  const bucket = "tenon-dev-123456789012-eu-central-1";
  await s3.put(bucket, "key", new Uint8Array(1));
  await s3.find(bucket, "key");
  await s3.remove(bucket, ["key"]).catch(() => undefined);
  await s3
    .list(bucket, "")
    .next()
    .catch(() => undefined);
  expect(new Set(owners)).toEqual(new Set(["123456789012"]));
  expect(owners.length).toBeGreaterThanOrEqual(4);
  owners.length = 0;
  await s3.find("somebody-elses", "key");
  expect(owners).toEqual([undefined]);
  s3.destroy();
});
