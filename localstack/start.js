#!/usr/bin/env node
// @ts-check
// An emulated AWS account on this machine: `startEmulator()` for programs, `node localstack/start.js` for people.
import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createDeployer } from "./deployer.js";
import { EmulatorError } from "./errors.js";
import { givenEmulator } from "./given.js";
import { installEmulator, RECIPES } from "./install.js";
import { launch } from "./launch.js";
import { limitsForLauncher } from "./limits.js";
import { readMeter, resetMeter } from "./meter.js";
import { ACCOUNT_ID, newRootKey, REGION } from "./root.js";

export { EmulatorError, EmulatorUnavailable } from "./errors.js";

/** @typedef {import("./deployer.js").Credentials} Credentials */

/**
 * @typedef {object} EmulatorOptions
 * @property {"ministack" | "localstack"} [kind] Which one. Default: what TENON_EMULATOR says, or else "ministack".
 * @property {boolean} [iam] Whether MiniStack enforces the policies of users and roles. Default true. LocalStack never does. Both check every signature.
 * @property {import("./limits.js").EmulatorLimits} [limits] What differs from AWS's limits: a value, or a reason why one is off.
 * @property {number} [port] Default 0: a free one.
 * @property {NodeJS.ProcessEnv} [env] Instead of this process's environment.
 */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint For `endpoint` of SDK clients, and AWS_ENDPOINT_URL.
 * @property {string} region
 * @property {string} accountId
 * @property {"ministack" | "localstack" | "aws"} kind What answers there; `gaps.json` says what it cannot do.
 * @property {Credentials} credentials Of the IAM user `tenon-deployer`, who may do what `deployer-policy.json` says and, where IAM is enforced, nothing else; `reset` renews them.
 * @property {Credentials} rootCredentials The root's, other ones for each start: everything is allowed.
 * @property {boolean} started Whether it was started here; false with AWS_ENDPOINT_URL, where all credentials are the environment's.
 * @property {number | undefined} pid Of the emulator.
 * @property {string | undefined} folder All that it writes.
 * @property {import("./launch.js").Shape | undefined} shape How far functions run as on Lambda; undefined where nothing was started here.
 * @property {Promise<string>} ended Resolves when it is gone, with the last that it has printed.
 * @property {() => Promise<void>} stop Ends it with all that it has started, and removes its folder.
 * @property {() => Promise<import("./meter.js").Metered>} meter What AWS would bill for what was asked since the start, or since `resetMeter`.
 * @property {() => Promise<void>} resetMeter Sets the meter to nothing.
 * @property {() => Promise<void>} reset Empties the account and makes the deployer anew. LocalStack's can't be: it rejects.
 */

/**
 * Starts an emulated AWS account on loopback, MiniStack or LocalStack, with AWS's own runtime client for Lambda. It serves
 * requests that are signed with a key of the account, and no web page. It ends with this process. With AWS_ENDPOINT_URL
 * set nothing is started: that endpoint is used, with the keys of the environment.
 *
 * @param {EmulatorOptions} [options]
 * @returns {Promise<Emulator>}
 * @throws {import("./errors.js").EmulatorUnavailable} without what it needs of this machine
 * @throws {EmulatorError} when it cannot be installed or started
 */
export async function startEmulator({ kind, iam = true, limits = {}, port = 0, env = process.env } = {}) {
  if (env.AWS_ENDPOINT_URL) return givenEmulator(env.AWS_ENDPOINT_URL, env);
  const recipe = recipeOf(kind ?? env.TENON_EMULATOR);
  const installation = await installEmulator(env, recipe.kind);
  const root = newRootKey();
  // What makes the deployer loads meanwhile.
  const told = { auth: iam, port, limits: limitsForLauncher(limits) };
  const [launched] = await Promise.all([launch(recipe, installation, told, root, env), import("@aws-sdk/client-iam")]);
  const account = { endpoint: `http://127.0.0.1:${launched.port}`, region: REGION };
  // SDK clients write into the object.
  const deployer = () => createDeployer({ ...account, credentials: { ...root } });
  try {
    let credentials = await deployer();
    return {
      ...account,
      accountId: ACCOUNT_ID,
      kind: recipe.kind,
      get credentials() {
        return credentials;
      },
      rootCredentials: root,
      started: true,
      pid: launched.pid,
      folder: launched.folder,
      shape: launched.shape,
      ended: launched.ended,
      stop: launched.stop,
      meter: () => readMeter({ ...account, rootCredentials: root }),
      resetMeter: () => resetMeter({ ...account, rootCredentials: root }),
      async reset() {
        if (recipe.kind === "localstack") {
          throw new EmulatorError("LocalStack can't be emptied.", { hint: "Stop it, and start another one." });
        }
        const headers = { authorization: `Bearer ${root.secretAccessKey}` };
        const answer = await fetch(`${account.endpoint}/_ministack/reset`, { method: "POST", headers });
        if (!answer.ok) throw new EmulatorError(`The emulator answered ${answer.status} to a reset.`);
        credentials = await deployer();
      },
    };
  } catch (error) {
    await launched.stop();
    throw error;
  }
}

/** @param {string | undefined} kind */
function recipeOf(kind) {
  const recipe = Object.values(RECIPES).find((each) => each.kind === (kind || "ministack"));
  if (recipe) return recipe;
  throw new EmulatorError(`There is no emulator "${kind}". There are ${Object.keys(RECIPES).join(" and ")}.`, {
    hint: "Set TENON_EMULATOR to one of them.",
  });
}

const HELP = `Starts an emulated AWS account on this machine and prints what to export; Ctrl-C ends it.

  node localstack/start.js [--localstack] [--port N]

  --ministack   MiniStack: starts within a second, enforces IAM. The default, unless TENON_EMULATOR says otherwise.
  --localstack  LocalStack 4.14.0, without Docker and without a token; needs Python 3.13, Java 17 and, once, Maven.
  --port N      Where it listens, on 127.0.0.1. Default: PORT, or else a free port.
`;

/** Prints how to use the account, and keeps it until Ctrl-C. */
async function main() {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  const { values } = parseArgs({
    options: {
      help: { type: "boolean", short: "h" },
      ministack: { type: "boolean" },
      localstack: { type: "boolean" },
      port: { type: "string", default: process.env.PORT ?? "0" },
    },
  });
  if (values.help) return void process.stdout.write(HELP);
  const { kind, name } = recipeOf(values.localstack ? "localstack" : values.ministack ? "ministack" : process.env.TENON_EMULATOR);
  process.stderr.write(`Starting ${name}; the first time on a machine it is installed, which takes a minute or two.\n`);
  const emulator = await startEmulator({ kind, port: Number(values.port) });
  // Before anything is printed: a program that reads it may end this at once.
  let asked = false;
  const stop = () => {
    asked = true;
    void emulator.stop();
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, stop);

  const { accessKeyId, secretAccessKey } = emulator.credentials;
  const exported = {
    AWS_ENDPOINT_URL: emulator.endpoint,
    AWS_ENDPOINT_URL_S3: emulator.endpoint,
    AWS_REGION: emulator.region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  };
  const root = emulator.rootCredentials;
  process.stdout.write(`${emulator.endpoint}\n`);
  for (const [name, value] of Object.entries(exported)) process.stdout.write(`export ${name}=${value}\n`);
  if (!emulator.started) return;
  const keys = `AWS_ACCESS_KEY_ID=${root.accessKeyId} AWS_SECRET_ACCESS_KEY=${root.secretAccessKey}`;
  process.stdout.write(`# As root: ${keys} npx cdk bootstrap aws://${emulator.accountId}/${emulator.region}\n`);
  process.stderr.write("The exported key is that of the user tenon-deployer. Ctrl-C ends the account.\n");

  const awake = setInterval(() => {}, 2 ** 30);
  const last = await emulator.ended;
  clearInterval(awake);
  if (asked) return;
  process.stderr.write(`${name} ended by itself:\n${last}\n`);
  process.exitCode = 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    process.stderr.write(`${error instanceof EmulatorError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}
