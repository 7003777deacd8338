// Builds dist/: JavaScript by esbuild (few files, so that a start is fast), declarations by tsc.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Every file of dist that something outside it names: the doors, the command, the process that runs user code. */
const entryPoints = {
  index: "src/index.ts",
  "testing/index": "src/testing/index.ts",
  "testing/contract-app": "src/testing/contract-app.ts",
  cdk: "src/cdk.ts",
  vite: "src/vite.ts",
  cli: "src/cli/main.ts",
  worker: "src/runtime/worker.ts",
  host: "src/local/host-main.ts",
};

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
  packages: "external",
  // An App of Tenon's own imports it as every App does.
  external: ["tenon"],
  sourcemap: true,
  sourcesContent: false,
  logLevel: "warning",
});
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
