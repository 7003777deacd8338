// An emulated account to measure on: bootstrapped for the CDK, with an environment.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startEmulator } from "../localstack/start.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/**
 * @typedef {object} Account
 * @property {string} folder For what a side writes. Removed with the account.
 * @property {import("../localstack/start.js").Emulator} emulator
 * @property {(args: string[]) => number} cdk Milliseconds of the stock CDK command.
 * @property {(args: string[]) => number} tenon Milliseconds of Tenon's.
 * @property {() => Promise<void>} close
 */

/**
 * Starts the account, and lets this process's own AWS clients use it.
 *
 * @returns {Promise<Account>}
 */
export async function openAccount() {
  const emulator = await startEmulator();
  const folder = mkdtempSync(join(tmpdir(), "tenon-bench-"));
  const { accessKeyId, secretAccessKey } = emulator.rootCredentials;
  const variables = {
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ENDPOINT_URL_S3: emulator.endpoint,
    AWS_REGION: emulator.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
    CDK_DISABLE_CLI_TELEMETRY: "true",
    TENON_STATE_DIR: join(folder, "state"),
    HOME: folder,
    CI: "true",
  };
  Object.assign(process.env, variables);
  /** @param {string[]} args */
  const command = (args) => {
    const from = performance.now();
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: ROOT, encoding: "utf8", env: process.env });
    if (status !== 0) throw new TypeError(`node ${args.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
    return performance.now() - from;
  };
  /** @param {string[]} args */
  const cdk = (args) => command(["node_modules/aws-cdk/bin/cdk", ...args]);
  const close = async () => {
    await emulator.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    cdk(["bootstrap", `aws://${emulator.accountId}/${emulator.region}`, "--app", "", "--output", join(folder, "none")]);
    cdk(["deploy", "--require-approval", "never", "--app", "npx tenon env synth", "--output", join(folder, "environment")]);
  } catch (error) {
    await close();
    throw error;
  }
  return { folder, emulator, cdk, tenon: (args) => command(["bin/tenon.js", ...args]), close };
}
