import { join } from "node:path";
import { type ContractBackend, testCalls, testDict, testFunctions } from "tenon/testing";
import { describe, it } from "vitest";
import "tenon";
import { type Emulator, startEmulator } from "../../localstack/start.js";
import { registry } from "../../src/context/registry.ts";
import { deployForTest } from "../../src/testing/test-deployment.ts";
import { deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, type EmulatedAws, emulatedAws } from "../helpers/emulator.ts";
import { skipsOf } from "../helpers/gaps.ts";

const CONTRACT_FILE = join(import.meta.dirname, "../../dist/testing/contract-app.js");

/** The environment that `npm run test:aws` has made up for one run, and removes after it, in the account of whoever calls. */
const ownAccount = process.env["TENON_TEST_ENVIRONMENT"];

async function deployOnOwnAccount(environment: string): Promise<ContractBackend> {
  const region = process.env["AWS_REGION"] ?? "";
  const account = { region, endpoint: process.env["AWS_ENDPOINT_URL"], accountId: process.env["TENON_TEST_ACCOUNT"] ?? "" };
  await deployForTest(account, environment, CONTRACT_FILE, { "tenon:environment": environment });
  const backend = await registry().backends!.connectAws({ environment, region, endpoint: account.endpoint });
  return { backend, close: () => Promise.resolve() };
}

/**
 * The contract's App, deployed by its own templates on an emulated account that enforces its roles, and called in the
 * deployer's name.
 */
async function deployOnEmulated({ account }: EmulatedAws): Promise<ContractBackend> {
  await deployOnAccount(account, "test", CONTRACT_FILE);
  process.env["AWS_ACCESS_KEY_ID"] = account.credentials.accessKeyId;
  process.env["AWS_SECRET_ACCESS_KEY"] = account.credentials.secretAccessKey;
  // The built package's backend, whose error classes the suite compares with.
  const backend = await registry().backends!.connectAws({ environment: "test", region: account.region, endpoint: account.endpoint });
  return { backend, close: () => Promise.resolve() };
}

// Deployed once for all suites; the account goes with everything in it.
let deployed: Promise<ContractBackend> | undefined;
const emulated = ownAccount === undefined ? await emulatedAws() : undefined;
const create = (): Promise<ContractBackend> =>
  (deployed ??= emulated === undefined ? deployOnOwnAccount(ownAccount ?? "") : deployOnEmulated(emulated));
const runner = {
  describe: emulated === undefined ? describe : describeAws(emulated),
  it,
  name: emulated === undefined ? "AWS" : "emulated AWS",
  create,
  // A first deploy is part of the first test.
  testTimeoutMs: emulated === undefined ? 600_000 : 60_000,
};

/** What the suites run on; an emulator may stand for the account of whoever calls. */
const account = await (async (): Promise<Pick<Emulator, "kind">> => {
  if (emulated !== undefined) return emulated.missing ? { kind: "aws" } : emulated.account;
  return process.env["AWS_ENDPOINT_URL"] === undefined ? { kind: "aws" } : startEmulator();
})();

testFunctions({
  ...runner,
  skip: skipsOf(account, { "lambda-caller-gone": ["ending the iteration ends the generator"] }),
});
testCalls({
  ...runner,
  skip: skipsOf(account, { "lambda-sqs-parallel": ["as many inputs of spawned calls as maxContainers run at once, and not one more"] }),
});
testDict(runner);
