import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";
import { testAttempts } from "./attempts.ts";

let deployed: DeployedForTest;
let backend: Backend;
beforeAll(async () => {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  deployed = await deployForTest(join(import.meta.dirname, "../fixtures/endings-app.ts"));
  const { environment, aws } = deployed;
  backend = createAwsBackend({ environment, region: "us-east-1", endpoint: aws.endpoint });
});
afterAll(async () => {
  await backend.close();
  await deployed.close();
});

testAttempts({ describe, name: "AWS's runtime client on this machine", functions: () => backend.functions, streams: true });
