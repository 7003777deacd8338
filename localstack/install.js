// @ts-check
// Puts MiniStack and AWS's runtime client for Node into the user's cache folder, once for all checkouts.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { EmulatorError, EmulatorUnavailable } from "./errors.js";

const run = promisify(execFile);

/** AWS's runtime client; unpacked without its dependencies, which only build its native part. */
const RUNTIME_CLIENT = "aws-lambda-ric@4.0.2";
const REQUIREMENTS = new URL("ministack/requirements.txt", import.meta.url);
const OLDEST_PYTHON = 3.11;
/** An unfinished installation of this age belongs to nobody. */
const ABANDONED_MS = 24 * 3600 * 1000;
const PROBE = `
import importlib.util, json, sys, sysconfig
print(json.dumps({"version": list(sys.version_info[:3]), "tag": sys.implementation.cache_tag,
  "platform": sysconfig.get_platform(), "pip": importlib.util.find_spec("pip") is not None}))`;

/**
 * @typedef {object} Installation
 * @property {string} python The interpreter.
 * @property {string} packages Folder of the Python packages, for PYTHONPATH.
 * @property {string} runtimeClient Path of aws-lambda-ric's index.mjs.
 * @property {boolean} fresh Whether this call has installed it.
 */

/**
 * Finds the installation of this version and interpreter, or makes it. Two at once do no harm: each works in a folder of
 * its own, and the first to finish names it.
 *
 * @param {NodeJS.ProcessEnv} env XDG_CACHE_HOME is where caches go (default `~/.cache`); TENON_PYTHON names the interpreter (default `python3`).
 * @returns {Promise<Installation>}
 * @throws {EmulatorUnavailable} without Python 3.11 or newer with pip
 * @throws {EmulatorError} when the packages cannot be fetched
 */
export async function installEmulator(env = process.env) {
  const python = env.TENON_PYTHON || "python3";
  const found = await probe(python);
  const requirements = await readFile(REQUIREMENTS, "utf8");
  const key = createHash("sha256")
    .update(JSON.stringify([requirements, RUNTIME_CLIENT, found.tag, found.platform]))
    .digest("hex")
    .slice(0, 12);
  const cache = join(env.XDG_CACHE_HOME || join(homedir(), ".cache"), "tenon", "ministack");
  const folder = join(cache, key);
  const fresh = !existsSync(folder);
  if (fresh) await install(python, cache, folder);
  return { python, packages: join(folder, "python"), runtimeClient: join(folder, "package", "index.mjs"), fresh };
}

/** @param {string} python */
async function probe(python) {
  const hint = `Install Python ${OLDEST_PYTHON} or newer with pip, or name one in TENON_PYTHON.`;
  const { stdout } = await run(python, ["-c", PROBE]).catch((cause) => {
    throw new EmulatorUnavailable(`The emulated AWS needs Python, and "${python}" does not run`, { hint, cause });
  });
  /** @type {{ version: [number, number, number], tag: string, platform: string, pip: boolean }} */
  const found = JSON.parse(stdout);
  const [major, minor] = found.version;
  const [oldestMajor, oldestMinor] = String(OLDEST_PYTHON).split(".").map(Number);
  if (major !== oldestMajor || minor < Number(oldestMinor)) {
    throw new EmulatorUnavailable(`The emulated AWS needs Python ${OLDEST_PYTHON} or newer; "${python}" is ${found.version.join(".")}`, {
      hint,
    });
  }
  if (!found.pip) throw new EmulatorUnavailable(`The emulated AWS is installed with pip, and "${python}" has none`, { hint });
  return found;
}

/**
 * @param {string} python
 * @param {string} cache
 * @param {string} folder
 */
async function install(python, cache, folder) {
  await mkdir(cache, { recursive: true });
  await removeAbandoned(cache);
  const unfinished = await mkdtemp(join(cache, "unfinished-"));
  try {
    await Promise.all([installPackages(python, join(unfinished, "python")), unpackRuntimeClient(unfinished)]);
    await rename(unfinished, folder);
  } catch (cause) {
    if (existsSync(folder)) return; // another one was first
    throw new EmulatorError(`The emulated AWS could not be installed into ${cache}: ${lastLines(cause)}`, {
      hint: "It comes from PyPI and npm, by `pip` and `npm` as they are configured here.",
      cause,
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/**
 * @param {string} python
 * @param {string} target
 */
async function installPackages(python, target) {
  const requirements = fileURLToPath(REQUIREMENTS);
  const quiet = ["--quiet", "--no-input", "--disable-pip-version-check", "--root-user-action=ignore"];
  // The list is complete, so nothing is resolved; wheels only, so nothing is built.
  await run(python, ["-m", "pip", "install", ...quiet, "--no-deps", "--only-binary=:all:", "--target", target, "-r", requirements]);
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
  const stderr = cause instanceof Error && "stderr" in cause && typeof cause.stderr === "string" ? cause.stderr : "";
  const text = stderr.trim() === "" ? String(cause) : stderr;
  return text.trim().split("\n").slice(-5).join("\n");
}
