import { join } from "node:path";
import { type ContractBackend, testCalls, testDict, testFunctions } from "tenon/testing";
import { it } from "vitest";
import { accountUnderTest } from "../helpers/account-under-test.ts";
import { skipsOf } from "../helpers/gaps.ts";

const CONTRACT_FILE = join(import.meta.dirname, "../../dist/testing/contract-app.js");

const account = await accountUnderTest("c");

/** The contract's App, deployed by its own templates on an account that enforces its roles, and called in the deployer's name. */
async function deploy(): Promise<ContractBackend> {
  await account.deploy(CONTRACT_FILE);
  return { backend: await account.backend(), close: () => Promise.resolve() };
}

// Deployed once for all suites; the account, or its environment, goes with everything in it.
let deployed: Promise<ContractBackend> | undefined;
const runner = {
  describe: account.describe,
  it,
  name: account.name,
  create: () => (deployed ??= deploy()),
  // A first deploy is part of the first test.
  testTimeoutMs: account.within(60_000),
};

testFunctions({
  ...runner,
  skip: skipsOf(account, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
testCalls({
  ...runner,
  skip: skipsOf(account, { "lambda-sqs-parallel": ["as many inputs of spawned calls as maxContainers run at once, and not one more"] }),
});
testDict(runner);
