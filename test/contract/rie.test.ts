import { join } from "node:path";
import { type ContractBackend, testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import "tenon";
import { registry } from "../../src/context/registry.ts";
import { skipsOf } from "../helpers/gaps.ts";
import { deployForTest } from "../helpers/lambda/deploy.ts";
import { findRie } from "../helpers/lambda/rie.ts";

const rie = await findRie();

/** The contract's App as AWS's own code runs it: its asset, AWS's runtime emulator, and the AWS SDK in between. */
async function createRie(): Promise<ContractBackend> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  const deployed = await deployForTest(join(import.meta.dirname, "../../dist/testing/contract-app.js"), rie.start);
  const { environment, aws } = deployed;
  // The built package's backend, whose error classes the suites compare with.
  const backend = await registry().backends!.connectAws({ environment, region: "us-east-1", endpoint: aws.endpoint });
  return {
    backend,
    async close() {
      await backend.close();
      await deployed.close();
    },
  };
}

testFunctions({
  // Skipped: without what builds the emulator; `findRie` has said so.
  describe: rie.missing ? describe.skip : describe,
  it,
  name: "AWS's runtime emulator",
  create: createRie,
  // It tells a function no more than Lambda does.
  skip: skipsOf({ kind: "aws" }, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
