// @ts-check
// Finds a Python that an emulator can run on.
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { EmulatorUnavailable } from "./errors.js";

const run = promisify(execFile);
const PROBE = `
import importlib.util, json, sys, sysconfig
print(json.dumps({"version": list(sys.version_info[:3]), "tag": sys.implementation.cache_tag,
  "platform": sysconfig.get_platform(), "pip": importlib.util.find_spec("pip") is not None}))`;
const NAMES = ["python3", "python3.14", "python3.13", "python3.12", "python3.11"];

/**
 * @typedef {object} Python
 * @property {string} command
 * @property {[number, number, number]} version
 * @property {string} tag Of its bytecode: packages with native parts differ by it.
 * @property {string} platform
 * @property {boolean} pip
 */

/**
 * The first Python that is new enough and has pip, of `python3`, `python3.14` and so on, and those of pyenv. With
 * TENON_PYTHON only that one is tried.
 *
 * @param {string} emulator What needs it.
 * @param {string} oldest Such as "3.13".
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Python>}
 * @throws {EmulatorUnavailable} when there is none
 */
export async function findPython(emulator, oldest, env) {
  /** @type {string[]} */
  const refused = [];
  for (const command of await commands(env)) {
    const found = await probe(command, env);
    const problem = problemOf(found, command, oldest);
    if (found && problem === undefined) return found;
    if (problem !== undefined) refused.push(problem);
  }
  const those = refused.join("; ");
  throw new EmulatorUnavailable(`The emulated AWS (${emulator}) needs Python ${oldest} or newer with pip. Here, ${those}.`, {
    hint: `Install Python ${oldest} or newer with pip, or name one in TENON_PYTHON.`,
  });
}

/** @param {NodeJS.ProcessEnv} env */
async function commands(env) {
  if (env.TENON_PYTHON) return [env.TENON_PYTHON];
  // pyenv puts commands on the PATH that run only where a project has chosen that version.
  const versions = join(env.PYENV_ROOT || join(env.HOME || homedir(), ".pyenv"), "versions");
  const installed = await readdir(versions).catch(() => []);
  const newestFirst = installed.filter((name) => /^3\.\d/.test(name)).toSorted((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return [...NAMES, ...newestFirst.map((name) => join(versions, name, "bin", "python3"))];
}

/**
 * @param {string} command
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Python | undefined>}
 */
async function probe(command, env) {
  try {
    const { stdout } = await run(command, ["-c", PROBE], { env });
    return { command, ...JSON.parse(stdout) };
  } catch {
    return undefined;
  }
}

/**
 * @param {Python | undefined} found
 * @param {string} command
 * @param {string} oldest
 */
function problemOf(found, command, oldest) {
  if (found === undefined) return `"${command}" does not run`;
  const [major, minor] = found.version;
  const [oldestMajor = 3, oldestMinor = 0] = oldest.split(".").map(Number);
  if (major !== oldestMajor || minor < oldestMinor) return `"${command}" is ${found.version.join(".")}`;
  return found.pip ? undefined : `"${command}" has no pip`;
}
