// Runs the contract suites against a real AWS account: `npm run test:aws [-- Vitest's arguments]`.
//
// The account is the one that the AWS SDK finds (AWS_PROFILE, keys) in AWS_REGION, and TENON_TEST_ACCOUNT must name it.
// Each run has an environment of its own, which is removed at the end with its tables and its bucket, whatever happens.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { removeEnvironment } from "./remove-environment.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SUITES = ["test/contract/aws.test.ts"];
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

function refuse(message) {
  console.error(message);
  process.exit(2);
}

/** The caller's account. Ends this process if the account must not be used. */
async function confirmedAccount(region) {
  const sts = new STSClient({ region });
  const { Account } = await sts.send(new GetCallerIdentityCommand({})).catch((error) => {
    refuse(`No AWS account can be used: ${error.message}\nSign in first (AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY).`);
  });
  sts.destroy();
  const wanted = process.env.TENON_TEST_ACCOUNT ?? "";
  if (wanted === "")
    refuse(`This would deploy into the account ${Account}. If it is meant for tests, say so: TENON_TEST_ACCOUNT=${Account}`);
  if (wanted !== Account)
    refuse(`TENON_TEST_ACCOUNT is ${wanted}, and the credentials are those of the account ${Account}: nothing was done.`);
  return Account;
}

const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "";
if (region === "") refuse("No region: set AWS_REGION.");
const account = await confirmedAccount(region);
const environment = `t${Array.from({ length: 11 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
console.log("This project has never been run on a real AWS account: what you see may be its first time, and may cost a few cents.");
console.log(
  `account ${account}, region ${region}, environment ${environment}; everything of it is tagged tenon:environment=${environment}`,
);

let interrupted = false;

/** Ends the tests with their workers. They are a process group of their own, so that Ctrl-C reaches them once, from here. */
function end(signal) {
  try {
    if (tests.pid !== undefined) process.kill(-tests.pid, signal);
  } catch {
    // They have ended.
  }
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (interrupted) console.log("The environment is being removed; please wait.");
    interrupted = true;
    end("SIGTERM");
  });
}
const tests = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...SUITES, ...process.argv.slice(2)], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  detached: true,
  env: { ...process.env, AWS_REGION: region, TENON_TEST_ENVIRONMENT: environment },
});
const [code] = await once(tests, "exit");
// A worker that outlives the tests would go on deploying.
end("SIGKILL");

try {
  const removed = await removeEnvironment(environment, account, region);
  console.log(`removed: ${removed.length === 0 ? "nothing was there" : removed.join(", ")}`);
  process.exitCode = interrupted ? 130 : (code ?? 1);
} catch (error) {
  console.error(
    `The environment ${environment} could not be removed: ${error.message}\nDelete by hand what is named tenon-${environment}*.`,
  );
  process.exitCode = 1;
}
