// @ts-check
// Runs an emulator's launcher as a process that ends with this one.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { EmulatorError } from "./errors.js";

/** What the launchers share. */
const SHARED = fileURLToPath(new URL("shared/", import.meta.url));
const START_TIMEOUT_MS = 60_000;
/** Workers get 2 s to end before they are killed. */
const STOP_TIMEOUT_MS = 5_000;
const KEPT_LINES = 200;

/**
 * How far a function's process is shaped like Lambda's on this machine.
 *
 * @typedef {object} Shape
 * @property {"mounts" | "user" | "none"} files `shared/confinement.py` says what each has.
 * @property {"cgroup" | "sampled"} memory What holds it to its memory.
 */

/**
 * @typedef {object} Launched
 * @property {number} port
 * @property {string} folder All that it writes.
 * @property {Shape} shape
 * @property {number | undefined} pid
 * @property {Promise<string>} ended Resolves when it is gone, with the last that it has printed.
 * @property {() => Promise<void>} stop Ends it with all that it has started, and removes its folder.
 */

/**
 * Starts a launcher and waits until it says where it listens.
 *
 * @param {import("./install.js").Recipe} recipe
 * @param {import("./install.js").Installation} installation
 * @param {object} options What the launcher is told besides.
 * @param {import("./deployer.js").Credentials} root The root's key. The child gets it in its environment: other users can read a command line.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Launched>}
 * @throws {EmulatorError} when it ends, or says nothing
 */
export async function launch(recipe, installation, options, root, env) {
  const told = { ric: installation.runtimeClient, node: process.execPath, ...recipe.options(installation), ...options };
  const child = spawn(installation.python, ["-B", recipe.launcher, JSON.stringify(told)], {
    // A group of its own: Ctrl-C is this process's, which then ends it in order.
    detached: true,
    env: {
      ...env,
      PYTHONPATH: `${SHARED}:${installation.packages}`,
      PYTHONNOUSERSITE: "1",
      TENON_EMULATOR_KEY_ID: root.accessKeyId,
      TENON_EMULATOR_SECRET: root.secretAccessKey,
    },
    stdio: ["pipe", "pipe", "pipe"],
  });
  const printed = collect(child.stderr);
  const exited = once(child, "exit").then(printed, (error) => String(error));
  const { port, folder, shape } = await firstLine(recipe.name, child, exited);
  letGo(child);
  return {
    port,
    folder,
    shape,
    pid: child.pid,
    ended: exited,
    async stop() {
      child.stdin.end();
      const killed = setTimeout(() => signalGroup(child.pid, "SIGKILL"), STOP_TIMEOUT_MS);
      await exited;
      clearTimeout(killed);
      if (existsSync(folder)) await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * @param {string} name
 * @param {import("node:child_process").ChildProcessWithoutNullStreams} child
 * @param {Promise<string>} exited
 * @returns {Promise<{ port: number, folder: string, shape: Shape }>}
 */
async function firstLine(name, child, exited) {
  const lines = createInterface(child.stdout);
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  /** @type {Promise<never>} */
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new EmulatorError(`${name} did not start within ${START_TIMEOUT_MS / 1000} s.`)), START_TIMEOUT_MS);
  });
  /** @type {Promise<never>} */
  const early = exited.then((text) => {
    throw new EmulatorError(`${name} ended while it started:\n${text}`);
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
