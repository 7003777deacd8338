// Builds dist/: JavaScript by esbuild (few files, so that a start is fast), declarations by tsc.
// With --if-needed it builds only if a source is newer than the last build: the first `npx tenon` in a checkout runs `prepare`,
// even while tests use dist/.
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

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
  const sources = ["src", ...src, "scripts/build.js", "package.json", "package-lock.json", "tsconfig.json", "tsconfig.build.json"];
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

/** What lies in the asset of every App on Lambda. It needs no package and loads as few files as possible. */
const lambda = {
  absWorkingDir: root,
  outdir: "dist/lambda",
  outExtension: { ".js": ".mjs" },
  bundle: true,
  minify: true,
  format: "esm",
  platform: "node",
  target: "node22",
  mainFields: ["module", "main"],
  legalComments: "none",
  charset: "utf8",
  logLevel: "warning",
};
/** The AWS SDK is a file of its own, which loads when the first operation needs it. */
const awsBeside = {
  name: "aws-beside",
  setup({ onResolve }) {
    onResolve({ filter: /\/clients\.ts$/ }, ({ kind }) => (kind === "dynamic-import" ? { path: "./aws.mjs", external: true } : undefined));
  },
};
const runtime = await build({
  ...lambda,
  stdin: {
    contents: 'export * from "./src/index.ts"; export { handler, streamHandler } from "./src/runtime/lambda/entry.ts";',
    resolveDir: root,
    sourcefile: "runtime.ts",
    loader: "ts",
  },
  outdir: undefined,
  outfile: "dist/lambda/runtime.mjs",
  metafile: true,
  plugins: [
    {
      name: "only-what-lambda-needs",
      setup({ onResolve }) {
        onResolve({ filter: /\/bridge\.ts$/ }, () => ({ path: join(root, "src/runtime/lambda/bridge.ts") }));
        onResolve({ filter: /\/(?:entrypoint-options|app-run)\.ts$/ }, () => ({
          path: join(root, "src/runtime/lambda/no-entrypoints.ts"),
        }));
      },
    },
    awsBeside,
  ],
});
await build({ ...lambda, entryPoints: { watchdog: "src/runtime/lambda/watchdog-thread.ts" }, plugins: [awsBeside] });
await build({ ...lambda, entryPoints: { dispatcher: "src/runtime/lambda/dispatcher-entry.ts" }, plugins: [awsBeside] });
await build({
  ...lambda,
  entryPoints: { aws: "src/adapters/aws/clients.ts" },
  // Parts of the AWS SDK are CommonJS and require modules of Node.
  plugins: [
    {
      name: "credentials-of-the-environment",
      setup({ onResolve, onLoad }) {
        // Lambda gives the role's keys in variables. The code that looks for keys elsewhere is a quarter of the SDK.
        onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ path }) => ({ path, namespace: "environment" }));
        onLoad({ filter: /.*/, namespace: "environment" }, () => ({
          contents: 'export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";',
          resolveDir: root,
        }));
      },
    },
  ],
  banner: { js: 'import { createRequire as __tenonRequire } from "node:module"; const require = __tenonRequire(import.meta.url);' },
});
if (process.argv.includes("--sizes")) {
  const { inputs } = Object.values(runtime.metafile.outputs)[0];
  for (const [path, { bytesInOutput }] of Object.entries(inputs)
    .toSorted((a, b) => b[1].bytesInOutput - a[1].bytesInOutput)
    .slice(0, 15))
    console.log(String(bytesInOutput).padStart(8), path);
}

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
