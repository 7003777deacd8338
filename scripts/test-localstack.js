// Runs the suites that use the emulated account on LocalStack: `npm run test:localstack [-- Vitest's arguments]`.
// Files among the arguments are run instead of all of them.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { installEmulator } from "../localstack/install.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const EMULATOR = join(root, "test/helpers/emulator.ts");
/** Files that show what MiniStack does. */
const OF_MINISTACK = ["iam", "limits", "meter", "ministack"].map((name) => `test/localstack/${name}.test.ts`);

/** The modules of the tests that a file imports. */
function importsOf(file) {
  const names = [...readFileSync(file, "utf8").matchAll(/ from "(\.[^"]+)"/g)].map((match) => resolve(dirname(file), match[1]));
  return names.filter((name) => name.startsWith(join(root, "test/")) && existsSync(name));
}

function uses(file, wanted, seen = new Set()) {
  if (file === wanted) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return importsOf(file).some((each) => uses(each, wanted, seen));
}

function suites() {
  const files = readdirSync(join(root, "test"), { recursive: true }).filter((name) => name.endsWith(".test.ts"));
  const paths = files.map((name) => join("test", name)).toSorted();
  return paths.filter((path) => !OF_MINISTACK.includes(path) && uses(join(root, path), EMULATOR));
}

// Installed once here, before several tests would do it at the same time. The tests say what is missing.
if (!process.env.AWS_ENDPOINT_URL) await installEmulator(process.env, "localstack").catch(() => {});

const args = process.argv.slice(2);
const given = args.some((arg) => existsSync(resolve(arg)) && relative(root, resolve(arg)).startsWith("test"));
const tests = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", ...args, ...(given ? [] : suites())], {
  cwd: root,
  stdio: "inherit",
  env: { ...process.env, TENON_EMULATOR: "localstack" },
});
// Ctrl-C reaches the tests as well. They and their accounts end before this process does.
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => tests.kill(signal));
tests.on("exit", (code) => (process.exitCode = code ?? 1));
