import { existsSync, mkdirSync, readlinkSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { BundleError } from "../model/errors.ts";
import { stateFolderError } from "../model/state-folder.ts";
import { writeWhole } from "../util/write-whole.ts";
import type { BundleJob } from "./bundle-job.ts";
import { BUNDLE_FORMAT, type BundleRecord, type ExternalPackage, type FileStamp, writeRecord } from "./bundle-record.ts";
import { compile, type Compiled } from "./compile.ts";
import { hashOf, stampFile } from "./file-stamp.ts";
import { listCode, packageOf, projectFiles } from "./project.ts";
import { writeTenonShim } from "./tenon-shim.ts";

/** Makes the bundle and puts it into its slot. Other processes may do the same at once. */
export async function buildApp(job: BundleJob, previous: BundleRecord | undefined): Promise<BundleRecord> {
  const assets = await stampAssets(job, previous);
  const compiled = await compile(job);
  checkNamed(job, compiled.packages);
  const own = ownFiles(compiled);
  const around = await projectFiles(own, job.sourceRoot);
  const manifests = [...compiled.inputs.map((input) => packageOf(input.path)?.folder), ...compiled.packages.map((one) => one.folder)]
    .filter((folder) => folder !== undefined)
    .map((folder) => join(folder, "package.json"))
    .filter((file) => existsSync(file));
  const known = new Set(compiled.inputs.map((input) => input.path));
  const others = [...new Set([...around.present, ...manifests])].filter((file) => !known.has(file));
  const record: BundleRecord = {
    format: BUNDLE_FORMAT,
    version: versionOf(job, compiled, assets),
    entryFile: job.entryFile,
    sourceRoot: job.sourceRoot,
    tenonVersion: job.tenonVersion,
    host: job.host,
    files: job.files,
    external: job.external,
    inputs: [...compiled.inputs, ...others.map(stampFile)],
    absent: around.absent,
    folders: Object.fromEntries([...new Set(own.map((file) => dirname(file)))].map((folder) => [folder, listCode(folder)])),
    packages: compiled.packages,
    nouns: compiled.nouns,
    assets,
  };
  try {
    writeBundle(job, record, compiled);
    writeRecord(join(job.slot, "latest.json"), record);
  } catch (error) {
    throw stateFolderError(job.stateDir, error);
  }
  return record;
}

// --- Internal helpers ---

async function stampAssets(job: BundleJob, previous: BundleRecord | undefined): Promise<readonly FileStamp[]> {
  if (job.files.length === 0) return [];
  const { listAssets } = await import("./asset-files.ts");
  const before = new Map(previous?.assets.map((stamp) => [stamp.path, stamp]));
  const paths = await listAssets(job.sourceRoot, job.files, job.stateDir);
  return paths.map((path) => {
    const file = join(job.sourceRoot, path);
    const old = before.get(path);
    const stat = statSync(file);
    return old !== undefined && old.mtimeMs === stat.mtimeMs && old.size === stat.size ? old : { ...stampFile(file), path };
  });
}

function ownFiles(compiled: Compiled): readonly string[] {
  return compiled.inputs.map((input) => input.path).filter((path) => packageOf(path) === undefined);
}

function checkNamed(job: BundleJob, packages: readonly ExternalPackage[]): void {
  const missing = job.external.filter((name) => !packages.some((one) => one.name === name));
  if (missing.length === 0) return;
  throw new BundleError(`external: ${missing.map((name) => JSON.stringify(name)).join(", ")} is not installed in ${job.sourceRoot}.`, {
    hint: `Run npm install ${missing.join(" ")}.`,
  });
}

// It depends on nothing of this machine: the same sources have the same version everywhere.
function versionOf(job: BundleJob, compiled: Compiled, assets: readonly FileStamp[]): string {
  const parts = {
    format: BUNDLE_FORMAT,
    tenon: job.tenonVersion,
    code: hashOf(compiled.code),
    map: hashOf(compiled.map),
    packages: compiled.packages.map((one) => [one.link, one.version]),
    assets: assets.map((stamp) => [stamp.path, stamp.hash]),
  };
  return hashOf(JSON.stringify(parts)).slice(0, 20);
}

function writeBundle(job: BundleJob, record: BundleRecord, compiled: Compiled): void {
  const dir = join(job.slot, record.version);
  const fill = (made: string): void => {
    mkdirSync(join(made, "node_modules"), { recursive: true });
    writeFileSync(join(made, "app.mjs"), compiled.code);
    writeFileSync(join(made, "app.mjs.map"), compiled.map);
    writeRecord(join(made, "bundle.json"), record);
    writeTenonShim(join(made, "node_modules", "tenon"), job.tenonDir);
    linkPackages(made, record.packages);
  };
  if (writeWhole(dir, fill, { isThere: () => existsSync(join(dir, "app.mjs")) })) return;
  // Another process was first, or this version was made before: only its links and record may be behind.
  linkPackages(dir, record.packages);
  writeRecord(join(dir, "bundle.json"), record);
}

function linkPackages(dir: string, packages: readonly ExternalPackage[]): void {
  for (const { link, folder } of packages) {
    const path = join(dir, "node_modules", link);
    if (targetOf(path) === folder) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeWhole(path, (temporary) => symlinkSync(folder, temporary, "dir"));
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
