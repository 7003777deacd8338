// Builds dist/: JavaScript by esbuild (few files, so that a start is fast), declarations by tsc.
// With --if-needed only when a source is newer than the last build: the first `npx tenon` in a checkout runs `prepare`, also
// while a test run uses dist/.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildLambda } from "./lambda/build.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** Every file of dist that is named from outside: the entry points, the command, the process that runs user code. */
const entryPoints = {
  index: "src/index.ts",
  "testing/index": "src/testing/index.ts",
  "testing/contract-app": "src/testing/contract-app.ts",
  cdk: "src/cdk.ts",
  vite: "src/vite.ts",
  cli: "src/cli/main.ts",
  worker: "src/runtime/process/entry.ts",
  host: "src/local/host/host-main.ts",
};

/** Its time is that of the last whole build. */
const stamp = join(root, "node_modules/.tenon-built");
if (process.argv.includes("--if-needed") && isFresh()) process.exit(0);

/** Folders count too: their time is that of the last file that came or went. */
function isFresh() {
  if (!existsSync(stamp) || !existsSync(join(root, "dist/index.d.ts"))) return false;
  const builtMs = statSync(stamp).mtimeMs;
  const src = readdirSync(join(root, "src"), { recursive: true }).map((name) => join("src", name));
  const scripts = ["scripts/build.js", "scripts/lambda/build.js", "scripts/lambda/link.js"];
  const sources = ["src", ...src, ...scripts, "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];
  return sources.every((path) => statSync(join(root, path)).mtimeMs < builtMs);
}

rmSync(stamp, { force: true });
rmSync(join(root, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints,
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20.19",
  // An App of Tenon's own imports it as every App does. devalue is small and every container needs it: bundled, it
  // costs no search for its files.
  external: ["tenon", ...Object.keys(peerDependencies), ...Object.keys(dependencies).filter((name) => name !== "devalue")],
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});

await buildLambda(root);

const tsc = [join(root, "node_modules/typescript/bin/tsc"), "-p", "tsconfig.build.json"];
const { status } = spawnSync(process.execPath, tsc, { cwd: root, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

// In a checkout of Tenon itself `npx tenon` finds the command as it does in a project that depends on it.
const bin = join(root, "bin/tenon.js");
chmodSync(bin, 0o755);
const link = join(root, "node_modules/.bin/tenon");
if (!existsSync(link)) {
  mkdirSync(dirname(link), { recursive: true });
  rmSync(link, { force: true });
  symlinkSync("../../bin/tenon.js", link);
}
writeFileSync(stamp, "");
