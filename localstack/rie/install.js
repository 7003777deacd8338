// @ts-check
// AWS's emulator of its own runtime (RIE), with AWS's own runtime client for Node and that one's native part. It judges how
// processes end: its code is the one that stands in front of every function on Lambda.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { EmulatorError, EmulatorUnavailable } from "../errors.js";

const run = promisify(execFile);

const COMMAND = "aws-lambda-rie";
const RIE = `github.com/aws/aws-lambda-runtime-interface-emulator/cmd/${COMMAND}@v0.0.0-20261030222936-bef5c4ba774d`;
const CLIENT = "aws-lambda-ric";
const CLIENT_VERSION = "4.0.2";
/** What makes the client's native part out of what lies in its package. */
const BUILD_TOOLS = ["cmake", "make", "c++", "python3"];
/** npm's output, and make's, are long. */
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/**
 * @typedef {object} Rie
 * @property {string} command Path of the emulator.
 * @property {string} runtimeClient Path of aws-lambda-ric's index.mjs, beside its native part.
 */

/**
 * Finds it in the user's cache folder, or puts it there, which takes a minute or two. Two at once do no harm.
 *
 * @param {NodeJS.ProcessEnv} [env] XDG_CACHE_HOME is where caches go (default `~/.cache`).
 * @returns {Promise<Rie>}
 * @throws {EmulatorUnavailable} without Go, or what builds the client's native part
 * @throws {EmulatorError} when they can't be fetched or built
 */
export async function installRie(env = process.env) {
  const key = createHash("sha256")
    .update(JSON.stringify([RIE, CLIENT_VERSION, process.platform, process.arch]))
    .digest("hex")
    .slice(0, 12);
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tenon", "rie");
  const folder = join(cache, key);
  if (!existsSync(folder)) await install(cache, folder, env);
  return { command: join(folder, COMMAND), runtimeClient: join(folder, "node_modules", CLIENT, "index.mjs") };
}

/**
 * @param {string} cache
 * @param {string} folder
 * @param {NodeJS.ProcessEnv} env
 */
async function install(cache, folder, env) {
  await need("go", ["version"], env);
  for (const tool of BUILD_TOOLS) await need(tool, ["--version"], env);
  await mkdir(cache, { recursive: true });
  const made = await mkdtemp(join(cache, "unfinished-"));
  try {
    await run("go", ["install", RIE], { env: { ...env, GOBIN: made }, maxBuffer: MAX_OUTPUT_BYTES });
    // Its scripts build it; those of what it depends on have nothing to do.
    const npm = { cwd: made, env, maxBuffer: MAX_OUTPUT_BYTES };
    const quiet = ["--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--omit=dev"];
    await run("npm", ["install", ...quiet, "--prefix", made, `${CLIENT}@${CLIENT_VERSION}`], npm);
    await run("npm", ["rebuild", CLIENT, "--prefix", made], npm);
    await rename(made, folder);
  } catch (cause) {
    if (existsSync(folder)) return; // another one was first
    throw new EmulatorError(
      `AWS's runtime emulator could not be installed into ${cache}:\n${String(cause).split("\n").slice(-8).join("\n")}`,
      {
        hint: "Check that go and npm reach their registries, as they are configured on this machine.",
        cause,
      },
    );
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

/**
 * @param {string} tool
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 */
async function need(tool, args, env) {
  await run(tool, args, { env }).catch((cause) => {
    throw new EmulatorUnavailable(`AWS's runtime emulator is built with go, cmake, make, c++ and python3. Here, "${tool}" does not run.`, {
      hint: `Install ${tool}. It is needed only until the emulator is installed.`,
      cause,
    });
  });
}
