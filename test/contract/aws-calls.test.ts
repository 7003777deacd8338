import { join } from "node:path";
import { type ContractWorld, testCalls } from "tenon/testing";
import { it } from "vitest";
import "tenon";
import { registry } from "../../src/sdk/registry.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

/** The contract's App, deployed by its own templates on an emulated account that enforces its roles. */
async function createAws(): Promise<ContractWorld> {
  const { account } = aws;
  await deployOnAccount(account, "test", join(import.meta.dirname, "../../dist/testing/contract-app.js"));
  process.env["AWS_ACCESS_KEY_ID"] = account.rootCredentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = account.rootCredentials.secretAccessKey;
  // The built package's world, whose error classes the suite compares with.
  const backend = await registry().worlds!.connectAws({ environment: "test", region: account.region, endpoint: account.endpoint });
  return { backend, close: () => backend.close() };
}

testCalls({ describe: describeAws(aws), it, name: "emulated AWS", create: createAws, testTimeoutMs: 60_000 });
