// Builds dist/: JavaScript by esbuild (few files, so that a start is fast), declarations by tsc.
// With --if-needed it builds only if a source is newer than the last build: the first `npx tenon` in a checkout runs `prepare`,
// even while tests use dist/.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { buildLambda } from "./lambda/build.js";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** The files of dist that something outside it names: the entry points, the command, the processes that run user code. */
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

/** Packages that are small: bundled, they cost no search for their files. */
const SMALL = ["devalue", "fflate", "get-tsconfig", "magic-string"];

/** A file whose time is that of the last complete build. */
const stamp = join(root, "node_modules/.tenon-built");
if (process.argv.includes("--if-needed") && isFresh()) process.exit(0);

/** The time of a folder counts too: it changes when a file is added or removed. */
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
  // An App of Tenon's own imports it as every App does.
  external: ["tenon", ...Object.keys(peerDependencies), ...Object.keys(dependencies).filter((name) => !SMALL.includes(name))],
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
