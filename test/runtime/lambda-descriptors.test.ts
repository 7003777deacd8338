import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import { functionName } from "../../src/model/aws-names.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { inputOf } from "../../src/testing/contract.ts";
import { decode } from "../../src/wire/codec.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";

// The process of a container has 1,024 descriptors here, as on Lambda.
let deployed: DeployedForTest;
let backend: Backend;
let underWay = 0;
let mostUnderWay = 0;
const received: number[] = [];

beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  deployed = await deployForTest(join(import.meta.dirname, "../fixtures/wide-app.ts"));
  const { environment, aws } = deployed;
  backend = createAwsBackend({ environment, region: "us-east-1", endpoint: aws.endpoint });
  aws.stand(functionName(environment, "wide", "nap"), async (event) => {
    const { args } = JSON.parse(event) as { args: [number] };
    received.push(args[0]);
    mostUnderWay = Math.max(mostUnderWay, ++underWay);
    await sleep(200);
    underWay--;
    return JSON.stringify({ result: { status: "succeeded", value: args[0] }, parts: [] });
  });
});
afterAll(async () => {
  await backend.close();
  await deployed.close();
});

/** What a Function of the App gives; an attempt that does not succeed is shown whole. */
const run = async (name: string, ...args: unknown[]): Promise<unknown> => {
  const result: AttemptResult = await backend.functions.invoke({ app: "wide", name }, inputOf(...args));
  return result.status === "succeeded" ? decode(result.value) : result;
};

test("maps inside a container keep to 400 sockets between them, and every input arrives once", { timeout: 120_000 }, async () => {
  const { sums, most } = (await run("fan", 1_000)) as { sums: number[]; most: number };
  expect(sums).toEqual(Array.from({ length: 3 }, () => (999 * 1_000) / 2));
  expect(received.length).toBe(3_000);
  expect(mostUnderWay).toBeLessThanOrEqual(400);
  expect(most).toBeLessThan(500);
});

test("a call for which the process has no descriptor left has not started, and goes out when it has one", async () => {
  received.length = 0;
  expect(await run("greedy")).toEqual([1, 2, 3]);
  expect(received.toSorted()).toEqual([0, 1, 2, 3]);
});
