// Checks what can be checked without running the tests: `npm run check [step…]`.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packDir = mkdtempSync(join(tmpdir(), "tenon-check-"));

/**
 * Each step is a list of commands that run one after the other. Two steps run at a time. The build goes first: tests import
 * the built package, so checking the types of everything needs its declarations.
 */
const BUILD = [() => [process.execPath, "scripts/build.js"]];
const STEPS = {
  package: [
    () => ["npm", "pack", "--ignore-scripts", "--silent", "--pack-destination", packDir],
    () => [bin("publint"), "run", tarball(), "--strict"],
    // ESM only. Node also loads it by `require`, as test/package shows, but attw's other profiles do not know that.
    () => [bin("attw"), tarball(), "--profile", "esm-only"],
  ],
  types: [() => [bin("tsc"), "--noEmit", "--pretty"]],
  lint: [() => [bin("oxlint"), "--type-aware", "--deny-warnings"]],
  format: [() => [bin("oxfmt"), "--check"]],
  unused: [() => [bin("knip"), "--no-progress"]],
};

function bin(name) {
  return join(root, "node_modules/.bin", name);
}

function tarball() {
  return join(packDir, readdirSync(packDir)[0]);
}

function run([command, ...args]) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ ok: false, output: String(error) }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}

async function runStep(name, commands) {
  const startedAt = performance.now();
  let failure;
  for (const command of commands) {
    const { ok, output } = await run(command());
    if (!ok) {
      failure = output;
      break;
    }
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${failure === undefined ? "ok    " : "FAILED"} ${name.padEnd(8)} ${seconds} s`);
  if (failure !== undefined) console.log(failure.trimEnd());
  return failure === undefined;
}

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(STEPS);
const unknown = names.filter((name) => !(name in STEPS));
if (unknown.length > 0) {
  console.error(`no step ${unknown.join(", ")}; there are ${Object.keys(STEPS).join(", ")}`);
  process.exit(2);
}

const queue = [...names];
const results = [await runStep("build", BUILD)];
async function work() {
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) results.push(await runStep(name, STEPS[name]));
}
if (results[0]) await Promise.all([work(), work()]);
rmSync(packDir, { recursive: true, force: true });
process.exitCode = results.every(Boolean) ? 0 : 1;
