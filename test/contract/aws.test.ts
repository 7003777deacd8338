import { join } from "node:path";
import { type ContractWorld, testCalls, testFunctions } from "tenon/testing";
import { it } from "vitest";
import "tenon";
import { registry } from "../../src/sdk/registry.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

/**
 * The contract's App, deployed by its own templates on an emulated account that enforces its roles, and called in the
 * deployer's name.
 */
async function deploy(): Promise<ContractWorld> {
  const { account } = aws;
  await deployOnAccount(account, "test", join(import.meta.dirname, "../../dist/testing/contract-app.js"));
  process.env["AWS_ACCESS_KEY_ID"] = account.credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = account.credentials.secretAccessKey;
  // The built package's world, whose error classes the suite compares with.
  const backend = await registry().worlds!.connectAws({ environment: "test", region: account.region, endpoint: account.endpoint });
  return { backend, close: () => Promise.resolve() };
}

// Deployed once for both suites; the account goes with everything in it.
let deployed: Promise<ContractWorld> | undefined;
const create = (): Promise<ContractWorld> => (deployed ??= deploy());
const runner = { describe: describeAws(aws), it, name: "emulated AWS", create, testTimeoutMs: 60_000 };

testFunctions({
  ...runner,
  skip: [
    {
      reason: "Lambda does not tell a function that its caller has gone",
      tests: ["ending the iteration ends the generator"],
    },
  ],
});
testCalls(runner);
