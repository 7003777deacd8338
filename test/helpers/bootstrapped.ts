import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Emulator } from "../../localstack/start.js";
import { ROOT } from "../cli/bin.ts";

/** What a command needs to find the account: its endpoint, its region, a user's keys. */
export function accountVariables(account: Emulator, credentials = account.credentials): Record<string, string> {
  return {
    AWS_ENDPOINT_URL: account.endpoint,
    AWS_ENDPOINT_URL_S3: account.endpoint,
    AWS_REGION: account.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
}

/** How the CDK's own command ended. */
export interface CdkEnded {
  readonly code: number | null;
  readonly output: string;
}

/** Runs the CDK's own command on an account; `variables` say which, and whatever else it is to see. `folder` is its home. */
export function runCdk(folder: string, args: readonly string[], variables: Readonly<Record<string, string>>): CdkEnded {
  const { status, stdout, stderr } = spawnSync("node_modules/.bin/cdk", args, {
    cwd: ROOT,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: folder, CDK_DISABLE_CLI_TELEMETRY: "true", CI: "true", ...variables },
  });
  return { code: status, output: stdout + stderr };
}

/** Prepares the account for the CDK, by the CDK's own command and in the root's name; `folder` is its home. */
export function bootstrap(account: Emulator, folder: string): void {
  const args = ["bootstrap", `aws://${account.accountId}/${account.region}`, "--app", "", "--output", join(folder, "none")];
  const { code, output } = runCdk(folder, args, accountVariables(account, account.rootCredentials));
  if (code !== 0) throw new TypeError(`cdk bootstrap ended with ${code}:\n${output}`);
}
