#!/usr/bin/env node
// @ts-check
// An emulated AWS account on this machine: `startEmulator()` for programs, `node localstack/start.js` for people.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { createDeployer } from "./deployer.js";
import { EmulatorError } from "./errors.js";
import { installEmulator } from "./install.js";

export { EmulatorError, EmulatorUnavailable } from "./errors.js";

const LAUNCHER = fileURLToPath(new URL("ministack/launcher.py", import.meta.url));
const REGION = "us-east-1";
const ACCOUNT_ID = "000000000000";
/**
 * The root key of MiniStack, and what LocalStack takes as well; a new object, as SDK clients write into it.
 *
 * @returns {Credentials}
 */
const root = () => ({ accessKeyId: "test", secretAccessKey: "test" });
const START_TIMEOUT_MS = 60_000;
/** Workers get 2 s to end before they are killed. */
const STOP_TIMEOUT_MS = 5_000;
const KEPT_LINES = 200;

/** @typedef {import("./deployer.js").Credentials} Credentials */

/**
 * @typedef {object} EmulatorOptions
 * @property {boolean} [iam] Whether IAM is enforced: signatures, users, roles. Default true.
 * @property {number} [port] Default 0: a free one.
 * @property {NodeJS.ProcessEnv} [env] Instead of this process's environment.
 */

/**
 * @typedef {object} Emulator
 * @property {string} endpoint For `endpoint` of SDK clients, and AWS_ENDPOINT_URL.
 * @property {string} region
 * @property {string} accountId
 * @property {"ministack" | "localstack" | "aws"} kind What answers there; `gaps.json` says what it cannot do.
 * @property {Credentials} credentials Of the IAM user `tenon-deployer`, who may do what `deployer-policy.json` says and nothing else; `reset` renews them.
 * @property {Credentials} rootCredentials Of the account: everything is allowed.
 * @property {boolean} started Whether it was started here; false with AWS_ENDPOINT_URL, where all credentials are the environment's.
 * @property {number | undefined} pid Of the emulator.
 * @property {string | undefined} folder All that it writes.
 * @property {Promise<string>} ended Resolves when it is gone, with the last that it has printed.
 * @property {() => Promise<void>} stop Ends it with all that it has started, and removes its folder.
 * @property {() => Promise<void>} reset Empties the account and makes the deployer anew.
 */

/**
 * Starts an emulated AWS account: MiniStack on loopback, with AWS's own runtime client for Lambda. It ends with this
 * process, however that ends. With AWS_ENDPOINT_URL set nothing is started and that endpoint is used.
 *
 * @param {EmulatorOptions} [options]
 * @returns {Promise<Emulator>}
 * @throws {import("./errors.js").EmulatorUnavailable} without a usable Python
 * @throws {EmulatorError} when it cannot be installed or started
 */
export async function startEmulator({ iam = true, port = 0, env = process.env } = {}) {
  if (env.AWS_ENDPOINT_URL) return given(env.AWS_ENDPOINT_URL, env);
  const installation = await installEmulator(env);
  const options = { ric: installation.runtimeClient, node: process.execPath, auth: iam, port };
  const child = spawn(installation.python, ["-B", LAUNCHER, JSON.stringify(options)], {
    // A group of its own: Ctrl-C is this process's, which then ends it in order.
    detached: true,
    env: { ...env, PYTHONPATH: installation.packages, PYTHONNOUSERSITE: "1" },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const printed = collect(child.stderr);
  const exited = once(child, "exit").then(printed, (error) => String(error));
  // What makes the deployer loads meanwhile.
  const [{ port: taken, folder }] = await Promise.all([firstLine(child, exited), import("@aws-sdk/client-iam")]);
  letGo(child);
  const endpoint = `http://127.0.0.1:${taken}`;

  async function stop() {
    child.stdin.end();
    const killed = setTimeout(() => signalGroup(child.pid, "SIGKILL"), STOP_TIMEOUT_MS);
    await exited;
    clearTimeout(killed);
    if (existsSync(folder)) await rm(folder, { recursive: true, force: true });
  }
  const account = { endpoint, region: REGION };
  const deployer = () => createDeployer({ ...account, credentials: root() });
  try {
    let credentials = await deployer();
    return {
      ...account,
      accountId: ACCOUNT_ID,
      kind: "ministack",
      get credentials() {
        return credentials;
      },
      rootCredentials: root(),
      started: true,
      pid: child.pid,
      folder,
      ended: exited,
      stop,
      async reset() {
        const answer = await fetch(`${endpoint}/_ministack/reset`, { method: "POST" });
        if (!answer.ok) throw new EmulatorError(`The emulator answered ${answer.status} to a reset`);
        credentials = await deployer();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * An endpoint that somebody else runs: a LocalStack, say.
 *
 * @param {string} endpoint
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Emulator>}
 */
async function given(endpoint, env) {
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const region = env.AWS_REGION ?? env.AWS_DEFAULT_REGION ?? REGION;
  const credentials = env.AWS_ACCESS_KEY_ID
    ? {
        accessKeyId: env.AWS_ACCESS_KEY_ID,
        secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
        ...(env.AWS_SESSION_TOKEN && { sessionToken: env.AWS_SESSION_TOKEN }),
      }
    : root();
  const sts = new STSClient({ endpoint, region, credentials });
  const { Account = ACCOUNT_ID } = await sts.send(new GetCallerIdentityCommand({})).catch((cause) => {
    throw new EmulatorError(`AWS_ENDPOINT_URL is ${endpoint}, and nothing there answers as AWS does: ${cause}`, {
      hint: "Start what it names, or unset it: then an emulator is started here.",
      cause,
    });
  });
  sts.destroy();
  return {
    endpoint,
    region,
    accountId: Account,
    kind: await kindOf(endpoint),
    credentials,
    rootCredentials: credentials,
    started: false,
    pid: undefined,
    folder: undefined,
    ended: new Promise(() => {}),
    stop: async () => {},
    async reset() {
      throw new EmulatorError(`${endpoint} comes from AWS_ENDPOINT_URL and is not this project's to empty`);
    },
  };
}

/**
 * @param {string} endpoint
 * @returns {Promise<Emulator["kind"]>}
 */
async function kindOf(endpoint) {
  // MiniStack answers for both, so it is asked first.
  for (const kind of /** @type {const} */ (["ministack", "localstack"])) {
    const answer = await fetch(`${endpoint}/_${kind}/health`).catch(() => undefined);
    if (answer?.ok) return kind;
  }
  return "aws";
}

/**
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 * @param {Promise<string>} exited
 * @returns {Promise<{ port: number, folder: string }>}
 */
async function firstLine(child, exited) {
  const lines = createInterface(child.stdout);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new EmulatorError(`MiniStack said nothing for ${START_TIMEOUT_MS / 1000} s`)), START_TIMEOUT_MS);
  });
  /** @type {Promise<never>} */
  const early = exited.then((text) => {
    throw new EmulatorError(`MiniStack ended while it started:\n${text}`);
  });
  try {
    const [line] = await Promise.race([once(lines, "line"), early, late]);
    return JSON.parse(line);
  } catch (error) {
    signalGroup(child.pid, "SIGKILL");
    throw error;
  } finally {
    clearTimeout(timer);
    lines.close();
    child.stdout.resume();
  }
}

/**
 * Keeps the last lines of a stream, and returns a function that gives them.
 *
 * @param {import("node:stream").Readable} stream
 */
function collect(stream) {
  /** @type {string[]} */
  const kept = [];
  createInterface(stream).on("line", (line) => {
    kept.push(line);
    if (kept.length > KEPT_LINES) kept.shift();
  });
  return () => kept.join("\n");
}

/**
 * Lets this process end while the child runs: the child sees its standard input close, and ends.
 *
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 */
function letGo(child) {
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) /** @type {import("node:net").Socket} */ (stream).unref();
}

/**
 * @param {number | undefined} pid
 * @param {NodeJS.Signals} signal
 */
function signalGroup(pid, signal) {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It is gone.
  }
}

/** Prints how to use the account, and keeps it until Ctrl-C. */
async function main() {
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";
  process.stderr.write("Starting MiniStack; the first time on a machine it is installed, which takes about a minute.\n");
  const emulator = await startEmulator({ port: Number(process.env.PORT ?? 0) });
  // Before anything is printed: whoever reads it may end this at once.
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
  process.stdout.write(`${emulator.endpoint}\n`);
  for (const [name, value] of Object.entries(exported)) process.stdout.write(`export ${name}=${value}\n`);
  if (!emulator.started) return;
  process.stderr.write("These are the keys of the user tenon-deployer; the root key is test / test. Ctrl-C ends it.\n");

  const awake = setInterval(() => {}, 2 ** 30);
  const last = await emulator.ended;
  clearInterval(awake);
  if (asked) return;
  process.stderr.write(`MiniStack ended by itself:\n${last}\n`);
  process.exitCode = 1;
}

if (process.argv[1] && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    process.stderr.write(`${error instanceof EmulatorError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  });
}
