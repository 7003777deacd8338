// Runs suites against a real AWS account: `npm run test:aws [-- Vitest's arguments]`. `scripts/aws-suites.js` lists them: the
// contract, the table of endings, what a small durable call writes and prints, and the users' policies. `--help` says how.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { AWS_SUITES } from "./aws-suites.js";
import { removeEnvironments } from "./remove-environment.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const SUITES = Object.values(AWS_SUITES);
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
/** Where the CDK says that an account is ready for it. */
const BOOTSTRAP = "/cdk-bootstrap/hnb659fds/version";
const HELP = `Runs suites against a real AWS account, one after another:

${SUITES.map((file) => `  ${file}`).join("\n")}

  TENON_TEST_ACCOUNT=<account> AWS_REGION=<region> npm run test:aws [-- Vitest's arguments]

The account is the one that the AWS SDK finds (AWS_PROFILE, keys), and TENON_TEST_ACCOUNT must name it. It needs the CDK's
bootstrap. The caller must be allowed to do everything there, to make users too. Everything is named tenon-<run>…, users
too, and is removed at the end, whatever happens; what the CDK's own bucket got of it stays. A run waits long, for
stacks, lost events and CloudWatch, and may cost a few cents. It has never been run on a real account.
`;

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

/** Ends this process if nothing can be deployed as users deploy. */
async function checkBootstrap(account, region) {
  const ssm = new SSMClient({ region });
  await ssm.send(new GetParameterCommand({ Name: BOOTSTRAP })).catch((error) => {
    if (error.name !== "ParameterNotFound") throw error;
    refuse(`The account ${account} has no bootstrap of the CDK in ${region}: run npx cdk bootstrap aws://${account}/${region}`);
  });
  ssm.destroy();
}

if (process.argv.includes("--help")) {
  console.log(HELP);
  process.exit(0);
}
const region = process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION ?? "";
if (region === "") refuse("No region: set AWS_REGION.");
const account = await confirmedAccount(region);
await checkBootstrap(account, region);
const run = `t${Array.from({ length: 11 }, () => LETTERS[randomInt(LETTERS.length)]).join("")}`;
console.log("This project has never been run on a real AWS account: what you see may be its first time, and may cost a few cents.");
console.log(`account ${account}, region ${region}; everything of this run is named tenon-${run}…`);

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
    if (interrupted) console.log("What was made is being removed; please wait.");
    interrupted = true;
    end("SIGTERM");
  });
}
// One file at a time: a young account runs few Lambdas at once.
const args = ["run", "--no-file-parallelism", ...SUITES, ...process.argv.slice(2)];
const tests = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), ...args], {
  cwd: root,
  stdio: ["ignore", "inherit", "inherit"],
  detached: true,
  env: { ...process.env, AWS_REGION: region, TENON_TEST_ENVIRONMENT: run },
});
const [code] = await once(tests, "exit");
// A worker that outlives the tests would go on deploying.
end("SIGKILL");

try {
  const removed = await removeEnvironments(run, account, region);
  console.log(`removed: ${removed.length === 0 ? "nothing was there" : removed.join(", ")}`);
  process.exitCode = interrupted ? 130 : (code ?? 1);
} catch (error) {
  console.error(
    `The run ${run} could not be removed: ${error.message}\nDelete by hand what is named tenon-${run}*, users and policies too.`,
  );
  process.exitCode = 1;
}
