// @ts-check
// Puts an emulator and AWS's runtime client for Node into the user's cache folder, once for all checkouts.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EmulatorError } from "./errors.js";
import { LOCALSTACK } from "./localstack/localstack.js";
import { MINISTACK } from "./ministack/ministack.js";

const run = promisify(execFile);

/** AWS's runtime client; unpacked without its dependencies, which only build its native part. */
const RUNTIME_CLIENT = "aws-lambda-ric@4.0.2";
/** An unfinished installation of this age was abandoned. */
const ABANDONED_MS = 24 * 3600 * 1000;

/**
 * What is installed of an emulator, and with what.
 *
 * @typedef {object} Recipe
 * @property {"ministack" | "localstack"} kind
 * @property {string} name As people write it.
 * @property {URL} requirements What pip installs, all of it pinned.
 * @property {(env: NodeJS.ProcessEnv) => Promise<Tools>} findTools Throws EmulatorUnavailable where something is missing.
 * @property {URL[]} [pinned] Files beside the requirements that say what is installed.
 * @property {(tools: Tools) => Promise<void>} [checkInstall] Throws EmulatorUnavailable where only the installation lacks something.
 * @property {(folder: string, tools: Tools) => Promise<void>} [more] Installs what is not pip's.
 * @property {string} launcher Path of the script that runs it.
 * @property {(installation: Installation) => object} options What that script is told.
 */

/**
 * @typedef {object} Tools
 * @property {import("./python.js").Python} python
 * @property {import("./localstack/java.js").Java} [java]
 */

/**
 * @typedef {object} Installation
 * @property {string} python The interpreter.
 * @property {string} packages Folder of the Python packages, for PYTHONPATH.
 * @property {string} runtimeClient Path of aws-lambda-ric's index.mjs.
 * @property {string} folder All of it.
 * @property {Tools} tools
 * @property {boolean} fresh Whether this call has installed it.
 */

/** @type {Record<Recipe["kind"], Recipe>} */
export const RECIPES = { ministack: MINISTACK, localstack: LOCALSTACK };

/**
 * Finds the installation of this version and interpreter, or makes it. Two at once do no harm: each works in a folder of
 * its own, and the first to finish names it.
 *
 * @param {NodeJS.ProcessEnv} env XDG_CACHE_HOME is where caches go (default `~/.cache`); TENON_PYTHON names the interpreter.
 * @param {Recipe["kind"]} [kind]
 * @returns {Promise<Installation>}
 * @throws {import("./errors.js").EmulatorUnavailable} without what it needs of this machine
 * @throws {EmulatorError} when the packages cannot be fetched
 */
export async function installEmulator(env = process.env, kind = "ministack") {
  const recipe = RECIPES[kind];
  const tools = await recipe.findTools(env);
  const texts = await Promise.all([recipe.requirements, ...(recipe.pinned ?? [])].map((file) => readFile(file, "utf8")));
  const key = createHash("sha256")
    .update(JSON.stringify([...texts, RUNTIME_CLIENT, tools.python.tag, tools.python.platform]))
    .digest("hex")
    .slice(0, 12);
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tenon", kind);
  const folder = join(cache, key);
  const fresh = !existsSync(folder);
  if (fresh) await install(recipe, tools, cache, folder);
  const runtimeClient = join(folder, "package", "index.mjs");
  return { python: tools.python.command, packages: join(folder, "python"), runtimeClient, folder, tools, fresh };
}

/**
 * @param {Recipe} recipe
 * @param {Tools} tools
 * @param {string} cache
 * @param {string} folder
 */
async function install(recipe, tools, cache, folder) {
  await recipe.checkInstall?.(tools);
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const unfinished = await mkdtemp(join(cache, "unfinished-"));
  try {
    const packages = installPackages(tools.python.command, recipe.requirements, join(unfinished, "python"));
    // When one fails, the others may not go on in a folder that is being removed.
    const parts = await Promise.allSettled([packages, unpackRuntimeClient(unfinished), recipe.more?.(unfinished, tools)]);
    for (const part of parts) if (part.status === "rejected") throw part.reason;
    await rename(unfinished, folder);
  } catch (cause) {
    if (existsSync(folder)) return; // another one was first
    throw new EmulatorError(`${recipe.name} could not be installed into ${cache}:\n${lastLines(cause)}`, {
      hint: `Check that ${recipe.more ? "pip, npm and mvn" : "pip and npm"} reach their registries, as they are configured on this machine.`,
      cause,
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * @param {string} python
 * @param {URL} requirements
 * @param {string} target
 */
async function installPackages(python, requirements, target) {
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"];
  // The list is complete, so nothing is resolved.
  await run(python, ["-m", "pip", "install", ...quiet, "--no-deps", "--target", target, "-r", fileURLToPath(requirements)]);
}

/** @param {string} folder */
async function unpackRuntimeClient(folder) {
  const { stdout } = await run("npm", ["pack", RUNTIME_CLIENT, "--silent", "--ignore-scripts", "--pack-destination", folder]);
  const file = join(folder, stdout.trim());
  await run("tar", ["-xzf", file, "-C", folder, "package/index.mjs", "package/package.json", "package/LICENSE", "package/NOTICE"]);
  await rm(file);
}

/** @param {string} cache */
async function removeAbandoned(cache) {
  for (const name of await readdir(cache)) {
    if (!name.startsWith("unfinished-")) continue;
    const folder = join(cache, name);
    const { mtimeMs } = await stat(folder).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}

/** @param {unknown} cause */
function lastLines(cause) {
  // Maven says what is wrong on its standard output.
  const printed = cause instanceof Error ? /** @type {Error & { stderr?: unknown, stdout?: unknown }} */ (cause) : undefined;
  const text = [printed?.stderr, printed?.stdout].find((part) => typeof part === "string" && part.trim() !== "") ?? cause;
  return String(text).trim().split("\n").slice(-5).join("\n");
}
