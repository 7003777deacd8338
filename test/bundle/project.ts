import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { type AppBundle, bundleApp, type BundleParams } from "../../src/bundle/index.ts";

export const repo = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** A user's project in a folder of its own, with the packages that this repository has installed. */
export interface Project {
  readonly dir: string;
  path(name: string): string;
  write(name: string, text: string): void;
  bundle(params?: Partial<BundleParams> & { readonly entry?: string }): Promise<AppBundle>;
}

const made: string[] = [];

/** A fresh real folder, removed by `removeTemporary`. */
export function temporary(): string {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), "tenon-bundle-")));
  made.push(dir);
  return dir;
}

export function removeTemporary(): void {
  for (const dir of made.splice(0)) rmSync(dir, { recursive: true, force: true });
}

/** Makes a project of some files. `packages: false` leaves node_modules to the files given. */
export function project(
  files: Readonly<Record<string, string>>,
  options: { readonly packages?: boolean; readonly dir?: string } = {},
): Project {
  const dir = options.dir ?? temporary();
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  };
  write("package.json", JSON.stringify({ name: "user-app", type: "module" }));
  for (const [name, text] of Object.entries(files)) write(name, text);
  if (options.packages !== false) symlinkSync(join(repo, "node_modules"), join(dir, "node_modules"));
  return {
    dir,
    path: (name) => join(dir, name),
    write,
    bundle: ({ entry = "app.ts", ...params } = {}) =>
      bundleApp({ entryFile: join(dir, entry), stateDir: join(dir, ".tenon"), tenonDir: repo, ...params }),
  };
}

let built: Promise<string> | undefined;

/** File of src/bundle as plain JavaScript, built like dist, for processes of Node alone. */
function builtBundler(): Promise<string> {
  // Below node_modules, so that esbuild and tinyglobby are found from there.
  const outdir = join(repo, "node_modules", ".cache", `tenon-bundle-test-${process.pid}`);
  made.push(outdir);
  built ??= build({
    entryPoints: [join(repo, "src/bundle/index.ts")],
    outdir,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    packages: "external",
    keepNames: true,
    logLevel: "silent",
  }).then(() => join(outdir, "index.mjs"));
  return built;
}

/** Runs code in a process of its own; `bundler` is src/bundle there, and what `out(value)` is given comes back. */
export async function inProcess<T>(code: string, data: unknown = null): Promise<T> {
  const file = join(temporary(), "script.mjs");
  const lines = [
    `import * as bundler from ${JSON.stringify(await builtBundler())};`,
    `const data = JSON.parse(process.argv[2]);`,
    `const out = (value) => console.log("OUT" + JSON.stringify(value));`,
    code,
  ];
  writeFileSync(file, lines.join("\n"));
  const { stdout } = await promisify(execFile)(process.execPath, [file, JSON.stringify(data)], { timeout: 30_000 });
  const line = stdout.split("\n").find((one) => one.startsWith("OUT"));
  return JSON.parse(line?.slice(3) ?? "null") as T;
}

/** Imports a bundle in a process of its own and returns what the expression over `app` gives. */
export function runBundle<T>(bundle: AppBundle, expression: string): Promise<T> {
  return inProcess<T>(`const app = await bundler.importBundle(data);\nout(await (${expression}));`, bundle);
}
