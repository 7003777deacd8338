import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Dict } from "../../src/index.ts";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { inputOf } from "../../src/testing/contract.ts";
import { decode } from "../../src/wire/codec.ts";
import { decodeError } from "../../src/wire/error-codec.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";

let withDict: DeployedForTest;
let without: DeployedForTest;
let backends: Backend[];
beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  withDict = await deployForTest(join(import.meta.dirname, "../fixtures/lambda-dict-app.ts"));
  without = await deployForTest(join(import.meta.dirname, "../fixtures/lambda-app.ts"));
  backends = [withDict, without].map(({ aws, environment }) =>
    createAwsBackend({ environment, region: "us-east-1", endpoint: aws.endpoint }),
  );
});
afterAll(async () => {
  for (const backend of backends) await backend.close();
  for (const deployed of [withDict, without]) await deployed.close();
});

test("an App that imports a noun has its chunk, and sees its handles as its class", async () => {
  expect(readdirSync(withDict.assetDir)).toContain("dict.mjs");
  expect(readFileSync(join(withDict.assetDir, "node_modules/tenon/index.js"), "utf8")).toContain("{ Dict, EphemeralDict }");
  const result = await backends[0]!.functions.invoke({ app: "dict-on-lambda", name: "look" }, inputOf(Dict.fromName("seen")));
  expect(result.status === "succeeded" ? decode(result.value) : result).toEqual({
    isDict: true,
    shown: "Dict(seen)",
    handle: expect.any(Dict) as Dict,
  });
});

test("an App that imports none does without, and says what to import when a handle arrives", async () => {
  expect(readdirSync(without.assetDir)).not.toContain("dict.mjs");
  const result = await backends[1]!.functions.invoke({ app: "on-lambda", name: "greet" }, inputOf(Dict.fromName("seen")));
  const error = "error" in result ? decodeError(result.error) : undefined;
  expect(error).toMatchObject({ name: "DeserializationError", hint: expect.stringContaining('Import its class from "tenon"') as string });
});
