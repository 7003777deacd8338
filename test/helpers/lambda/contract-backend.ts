import { join } from "node:path";
import type { ContractBackend } from "tenon/testing";
import "tenon";
import { registry } from "../../../src/context/registry.ts";
import { deployForTest } from "./deploy.ts";
import type { StartEnvironment } from "./environment.ts";

/** The contract's App as Lambda runs it: its asset in such environments, with the AWS SDK in between. */
export async function createLambdaBackend(start?: StartEnvironment): Promise<ContractBackend> {
  process.env["AWS_ACCESS_KEY_ID"] ??= "test";
  process.env["AWS_SECRET_ACCESS_KEY"] ??= "test";
  const deployed = await deployForTest(join(import.meta.dirname, "../../../dist/testing/contract-app.js"), start);
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
