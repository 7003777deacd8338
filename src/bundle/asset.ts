import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BundleError } from "../model/errors.ts";
import { ASSET_CHUNKS, type Noun, NOUNS } from "./asset-chunks.ts";
import type { AppBundle } from "./bundle-app.ts";
import { type ExternalPackage, readBundleRecord } from "./bundle-record.ts";
import type { InstalledPackages, InstallParams, LambdaArchitecture } from "./install-packages.ts";
import { ensureStateFolder } from "../disk/state-folder.ts";
import { lazyCrypto } from "../util/lazy-crypto.ts";
import { OPEN_MODES, openModes } from "../util/open-modes.ts";
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
export const ASSET_HANDLERS = { function: "init.handler", generator: "init.streamHandler" } as const;

/**
 * Makes the asset of an App for Lambda, or finds the one that was made of the same bundle: `app.mjs` with its source
 * map, Tenon's runtime, a package `tenon` that leads to it and to the chunks of the nouns that the App uses, the App's files at their paths, and the packages that are
 * not bundled, as they are installed for Lambda.
 *
 * The same bundle gives the same bytes and modes on every machine: every user may read all of it. Rejects with BundleError for packages that can't be installed
 * for Lambda, and above the 250 MB that Lambda takes.
 */
export async function makeAsset(bundle: AppBundle, params: AssetParams): Promise<Asset> {
  const record = readBundleRecord(bundle.dir);
  const packages = record?.packages ?? [];
  const runtimeDir = join(params.tenonDir, "dist", "lambda");
  if (!existsSync(runtimeDir))
    throw new BundleError(`There is no runtime for Lambda in ${runtimeDir}.`, { hint: "Install the package tenon again." });
  const nouns = record?.nouns ?? [];
  const chunks = chunksFor(nouns);
  const parts = [bundle.version, ...[TENON_NAMES, ...chunks].map((name) => [name, hashOf(readFileSync(join(runtimeDir, name)))])];
  const installed = packages.length === 0 ? undefined : await install(bundle, packages, params);
  const version = hashOf(JSON.stringify([OPEN_MODES, ...parts, ...(installed === undefined ? [] : [installed.key])])).slice(0, 20);
  const dir = join(ensureStateFolder(params.stateDir, "assets"), version);
  if (existsSync(dir)) return { dir, version };

  const fill = async (made: string): Promise<void> => {
    mkdirSync(join(made, "node_modules", "tenon"), { recursive: true });
    // First the App's files, so that none of them can stand in for the runtime.
    for (const { path } of record?.assets ?? []) copyInto(join(bundle.sourceRoot, path), join(made, path));
    for (const name of ["app.mjs", "app.mjs.map"]) copyFileSync(join(bundle.dir, name), join(made, name));
    for (const name of chunks) copyFileSync(join(runtimeDir, name), join(made, name));
    writeFileSync(join(made, "node_modules", "tenon", "package.json"), '{"name":"tenon","type":"module","exports":"./index.js"}\n');
    writeFileSync(join(made, "node_modules", "tenon", "index.js"), tenonModule(runtimeDir, nouns));
    if (installed !== undefined) {
      cpSync(installed.dir, join(made, "node_modules"), { recursive: true, verbatimSymlinks: true });
      const { refuseTooLarge } = await import("./asset-size.ts");
      refuseTooLarge(made, packages);
    }
    openModes(made);
  };
  await writeWholeAsync(dir, fill, { isThere: () => existsSync(dir) });
  return { dir, version };
}

// --- Internal helpers ---

/** What an App without nouns means by `tenon`, as the build wrote it. */
const TENON_NAMES = "tenon.js";

/** The files of Tenon's that an App needs, sorted. */
function chunksFor(nouns: readonly Noun[]): readonly string[] {
  const unused = Object.entries(NOUNS).filter(([noun]) => !nouns.includes(noun as Noun));
  const unneeded = new Set(unused.flatMap(([, { chunks }]) => Object.keys(chunks)));
  return Object.keys(ASSET_CHUNKS)
    .filter((name) => !unneeded.has(name))
    .toSorted();
}

/** The module that an App means by `tenon`: the runtime's names, and those of the nouns that it uses. */
function tenonModule(runtimeDir: string, nouns: readonly Noun[]): string {
  const own = nouns.map((noun) => `export { ${NOUNS[noun].names.join(", ")} } from "../../${NOUNS[noun].file}";\n`);
  return readFileSync(join(runtimeDir, TENON_NAMES), "utf8") + own.join("");
}

/** Loads only for an App that has such packages. */
async function install(bundle: AppBundle, packages: readonly ExternalPackage[], params: AssetParams): Promise<InstalledPackages> {
  const { installPackages } = await import("./install-packages.ts");
  const { architecture = "arm64", onInstall, stateDir } = params;
  return installPackages({ sourceRoot: bundle.sourceRoot, packages, architecture, stateDir, onInstall });
}

/** SHA-256, hex. The crypto module loads here, since this file is loaded also where an App is only bundled. */
function hashOf(data: string | Uint8Array): string {
  return lazyCrypto().createHash("sha256").update(data).digest("hex");
}

function copyInto(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to);
}
