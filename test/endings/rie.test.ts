import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { createAwsBackend } from "../../src/adapters/backend.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { type DeployedForTest, deployForTest } from "../helpers/lambda/deploy.ts";
import { findRie } from "../helpers/lambda/rie.ts";
import { testAttempts } from "./attempts.ts";

// AWS's own code in front of the asset, and AWS's own runtime client with its native part.
const rie = await findRie();

let deployed: DeployedForTest;
let backend: Backend;
beforeAll(async () => {
  if (rie.missing) return;
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  deployed = await deployForTest(join(import.meta.dirname, "../fixtures/endings-app.ts"), rie.start);
  const { environment, aws } = deployed;
  backend = createAwsBackend({ environment, region: "us-east-1", endpoint: aws.endpoint });
});
afterAll(async () => {
  await backend?.close();
  await deployed?.close();
});

testAttempts({
  // Skipped: without what builds the emulator; `findRie` has said so.
  describe: rie.missing ? describe.skip : describe,
  name: "AWS's runtime emulator",
  functions: () => backend.functions,
  // It gives an answer out when it has it whole.
  streams: false,
});
