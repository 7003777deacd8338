import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsApps } from "../../../src/adapters/apps/aws.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { appParameter, cutAppParameter } from "../../../src/model/aws-names.ts";
import { DeserializationError, NotFoundError } from "../../../src/model/errors.ts";
import { type SmallAws, startSmallAws } from "../../helpers/lambda/front.ts";

let aws: SmallAws;
beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  aws = await startSmallAws();
});
afterAll(() => aws.close());

const connect = () =>
  createAwsApps("dev", async () => createAwsClients({ region: "us-east-1", endpoint: aws.endpoint }), {
    checkEnvironment: async () => undefined,
    operator: () => Promise.reject(new TypeError("Not used to read what is deployed.")),
  });

test("an App of one piece is one request", async () => {
  aws.parameters.set(appParameter("dev", "short", 0), '{"version":"v1","manifest":{"name":"short"}}');
  aws.seen.length = 0;
  expect(await connect().manifest("short")).toEqual({ name: "short" });
  expect(aws.seen).toEqual(["GetParameters"]);
});

test("an App is read from its pieces in their order, once, and its bucket from where they lie", async () => {
  const manifest = { name: "long", tags: { note: "é".repeat(25_000) } };
  const pieces = cutAppParameter(JSON.stringify({ version: "v7", manifest }));
  expect(pieces.length).toBeGreaterThan(10);
  pieces.forEach((piece, n) => aws.parameters.set(appParameter("dev", "long", n), piece));
  const apps = connect();
  aws.seen.length = 0;
  expect(await apps.manifest("long")).toEqual(manifest);
  expect(await apps.deployed("long")).toMatchObject({ version: "v7", bucket: "tenon-dev-000000000000-us-east-1" });
  expect(aws.seen.length).toBe(Math.ceil(pieces.length / 10));
});

test("an App that is not there is NotFoundError, and one whose piece is missing is told", async () => {
  await expect(connect().manifest("nobody")).rejects.toThrow(NotFoundError);
  aws.parameters.set(appParameter("dev", "broken", 0), '{"version":"v7","manifest":{"name":"bro');
  await expect(connect().manifest("broken")).rejects.toThrow(DeserializationError);
});
