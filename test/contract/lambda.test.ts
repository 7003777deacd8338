import { join } from "node:path";
import { type ContractBackend, testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import "tenon";
import { registry } from "../../src/context/registry.ts";
import { skipsOf } from "../helpers/gaps.ts";
import { deployForTest } from "../helpers/lambda/deploy.ts";

/** The contract's App as Lambda runs it: its asset, AWS's runtime client, and the AWS SDK in between. */
async function createLambda(): Promise<ContractBackend> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  const deployed = await deployForTest(join(import.meta.dirname, "../../dist/testing/contract-app.js"));
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
  describe,
  it,
  name: "AWS's runtime client on this machine",
  create: createLambda,
  // AWS's own client tells a function no more than Lambda does.
  skip: skipsOf({ kind: "aws" }, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
