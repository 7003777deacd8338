// `node bench/run.js [name…] [--rounds N] [--sides a,b] [--json]`: installs the peers on first use, then runs each
// script in a process of its own.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const NAMES = ["call", "map", "start", "buffer", "memory", "synth", "commands", "init", "remote", "deploy", "dict"];
const here = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: "string" }, sides: { type: "string" }, json: { type: "boolean", default: false } },
});
const unknown = positionals.filter((name) => !NAMES.includes(name));
if (unknown.length > 0) {
  console.error(`no bench named ${unknown.join(", ")}; there are ${NAMES.join(", ")}`);
  process.exit(2);
}
if (!existsSync(`${here}node_modules/.package-lock.json`)) must("npm", ["ci"], here);
if (!existsSync(`${root}dist/index.js`)) must(process.execPath, ["scripts/build.js"], root);
// This folder has a package.json, so the name `tenon` is found here only by a link.
if (!existsSync(`${here}node_modules/tenon/package.json`)) {
  rmSync(`${here}node_modules/tenon`, { force: true });
  symlinkSync("../..", `${here}node_modules/tenon`, "dir");
}

const options = [
  ...(values.rounds === undefined ? [] : ["--rounds", values.rounds]),
  ...(values.sides === undefined ? [] : ["--sides", values.sides]),
  ...(values.json ? ["--json"] : []),
];
let failed = false;
for (const name of positionals.length > 0 ? positionals : NAMES) {
  const { status } = spawnSync(process.execPath, [`${here}${name}.js`, ...options], { stdio: "inherit" });
  failed ||= status !== 0;
}
process.exitCode = failed ? 1 : 0;

/**
 * Where Node's own headers are, when it came with them: a peer with native parts is then built without a download.
 *
 * @returns {Record<string, string>}
 */
function ownHeaders() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  return existsSync(join(prefix, "include/node/node.h")) ? { npm_config_nodedir: prefix } : {};
}

/**
 * Runs a command and ends this process when it fails. What it prints goes to stderr, so that stdout stays JSON.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {string} cwd
 */
function must(command, args, cwd) {
  const { status } = spawnSync(command, args, { cwd, stdio: ["ignore", 2, 2], env: { ...process.env, ...ownHeaders() } });
  if (status !== 0) process.exit(status ?? 1);
}
