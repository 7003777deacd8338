import type { Emulator } from "../../localstack/start.js";
import { deployForTest } from "../../src/testing/test-deployment.ts";

/** Deploys an environment and the App of a file on an emulated account, as `deployForTests` does for users. */
export async function deployOnAccount(account: Emulator, environment: string, entryFile: string): Promise<void> {
  await deployForTest(account, environment, entryFile);
}
