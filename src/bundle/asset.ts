import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BundleError } from "../model/errors.ts";
import type { AppBundle } from "./bundle-app.ts";
import { type ExternalPackage, readBundleRecord } from "./bundle-record.ts";
import type { InstalledPackages, InstallParams, LambdaArchitecture } from "./install-packages.ts";
import { ensureStateFolder } from "../disk/state-folder.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import { writeWholeAsync } from "../util/write-whole.ts";

/** Where assets are made. */
export interface AssetParams {
  /** Folder of Tenon's state; assets lie in `assets/` below it. */
  readonly stateDir: string;
  /** Folder of the running Tenon: it holds package.json and dist/. */
  readonly tenonDir: string;
  /** Whose parts native packages bring. @default "arm64" */
  readonly architecture?: LambdaArchitecture | undefined;
  /** Called when packages are about to be installed. */
  readonly onInstall?: InstallParams["onInstall"];
}

/** A folder that Lambda can run as it is. */
export interface Asset {
  readonly dir: string;
  /** Content hash of the App's bundle and of the runtime beside it. */
  readonly version: string;
}

/** The handlers of an asset: one for functions, one for generators. */
export const ASSET_HANDLERS = { function: "runtime.handler", generator: "runtime.streamHandler" } as const;

/**
 * Makes the asset of an App for Lambda, or finds the one that was made of the same bundle: `app.mjs` with its source
 * map, Tenon's runtime, a package `tenon` that leads to it, the App's files at their paths, and the packages that are
 * not bundled, as they are installed for Lambda.
 *
 * The same bundle gives the same bytes on every machine. Rejects with BundleError for packages that can't be installed
 * for Lambda, and above the 250 MB that Lambda takes.
 */
export async function makeAsset(bundle: AppBundle, params: AssetParams): Promise<Asset> {
  const record = readBundleRecord(bundle.dir);
  const packages = record?.packages ?? [];
  const runtimeDir = join(params.tenonDir, "dist", "lambda");
  if (!existsSync(runtimeDir))
    throw new BundleError(`no runtime for Lambda in ${runtimeDir}`, { hint: "Install the package tenon again." });
  const runtime = readdirSync(runtimeDir).filter((name) => name.endsWith(".mjs"));
  const parts = [bundle.version, ...runtime.toSorted().map((name) => [name, hashOf(readFileSync(join(runtimeDir, name)))])];
  const installed = packages.length === 0 ? undefined : await install(bundle, packages, params);
  const version = hashOf(JSON.stringify([...parts, ...(installed === undefined ? [] : [installed.key])])).slice(0, 20);
  const dir = join(ensureStateFolder(params.stateDir, "assets"), version);
  if (existsSync(dir)) return { dir, version };

  const fill = async (made: string): Promise<void> => {
    mkdirSync(join(made, "node_modules", "tenon"), { recursive: true });
    // First the App's files, so that none of them can stand in for the runtime.
    for (const { path } of record?.assets ?? []) copyInto(join(bundle.sourceRoot, path), join(made, path));
    for (const name of ["app.mjs", "app.mjs.map"]) copyFileSync(join(bundle.dir, name), join(made, name));
    for (const name of runtime) copyFileSync(join(runtimeDir, name), join(made, name));
    writeFileSync(join(made, "node_modules", "tenon", "package.json"), '{"name":"tenon","type":"module","exports":"./index.js"}\n');
    writeFileSync(join(made, "node_modules", "tenon", "index.js"), 'export * from "../../runtime.mjs";\n');
    if (installed === undefined) return;
    cpSync(installed.dir, join(made, "node_modules"), { recursive: true, verbatimSymlinks: true });
    const { refuseTooLarge } = await import("./asset-size.ts");
    refuseTooLarge(made, packages);
  };
  await writeWholeAsync(dir, fill, { isThere: () => existsSync(dir) });
  return { dir, version };
}

// --- Internal helpers ---

/** Loads only for an App that has such packages. */
async function install(bundle: AppBundle, packages: readonly ExternalPackage[], params: AssetParams): Promise<InstalledPackages> {
  const { installPackages } = await import("./install-packages.ts");
  const { architecture = "arm64", onInstall, stateDir } = params;
  return installPackages({ sourceRoot: bundle.sourceRoot, packages, architecture, stateDir, onInstall });
}

/** SHA-256, hex. The crypto module loads here, since whoever only bundles comes by this file too. */
function hashOf(data: string | Uint8Array): string {
  return lazyCrypto().createHash("sha256").update(data).digest("hex");
}

function copyInto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
