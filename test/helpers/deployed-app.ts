import { Client } from "tenon";
import type { Emulator } from "../../localstack/start.js";
import { deployForTest } from "../../src/testing/test-deployment.ts";

/** Deploys an environment and the App of a file on an emulated account, as `deployForTests` does for users. */
export async function deployOnAccount(account: Emulator, environment: string, entryFile: string): Promise<void> {
  await deployForTest(account, environment, entryFile);
}

/** Has this process, and what it starts, act on an account in somebody's name, by default the deployer's. */
export function actOn(account: Emulator, { accessKeyId, secretAccessKey }: Emulator["credentials"] = account.credentials): void {
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
}

/** A client of the environment `test` on an account, in the name that this process acts in: see {@link actOn}. */
export function clientOf({ region, endpoint }: Emulator): Client {
  return new Client({ backend: "aws", environment: "test", region, endpoint });
}
