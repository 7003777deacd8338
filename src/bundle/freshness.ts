import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BundleRecord, FileStamp } from "./bundle-record.ts";
import type { BundleJob } from "./bundle-job.ts";
import { listCode } from "./project.ts";

/**
 * Compares a record with what is on disk now. Undefined when the bundle must be made again. Otherwise the record to go on
 * with: another object than the given one if files have new times but the same contents.
 */
export async function checkFresh(record: BundleRecord, job: BundleJob): Promise<BundleRecord | undefined> {
  if (!sameJob(record, job)) return undefined;
  if (record.absent.some((file) => existsSync(file))) return undefined;
  if (Object.entries(record.folders).some(([folder, names]) => listCode(folder) !== names)) return undefined;
  const inputs = await refresh(record.inputs, "");
  if (inputs === undefined) return undefined;
  let assets: readonly FileStamp[] | undefined = record.assets;
  if (job.files.length > 0) {
    const { listAssets } = await import("./asset-files.ts");
    const paths = await listAssets(job.sourceRoot, job.files, job.stateDir);
    if (paths.length !== assets.length || paths.some((path, i) => path !== record.assets[i]?.path)) return undefined;
    assets = await refresh(assets, job.sourceRoot);
  }
  if (assets === undefined) return undefined;
  return inputs === record.inputs && assets === record.assets ? record : { ...record, inputs, assets };
}

// --- Internal helpers ---

function sameJob(record: BundleRecord, job: BundleJob): boolean {
  return (
    record.entryFile === job.entryFile &&
    record.sourceRoot === job.sourceRoot &&
    record.tenonVersion === job.tenonVersion &&
    record.host === job.host &&
    record.files.join("\0") === job.files.join("\0") &&
    record.external.join("\0") === job.external.join("\0")
  );
}

/** The same array when all stamps hold. A new one when only times differ. Undefined when contents differ. */
async function refresh(stamps: readonly FileStamp[], base: string): Promise<readonly FileStamp[] | undefined> {
  const stale: number[] = [];
  for (const [i, stamp] of stamps.entries()) {
    const stat = statSync(base === "" ? stamp.path : join(base, stamp.path), { throwIfNoEntry: false });
    if (stat === undefined || stat.size !== stamp.size) return undefined;
    if (stat.mtimeMs !== stamp.mtimeMs) stale.push(i);
  }
  if (stale.length === 0) return stamps;
  const { stampFile } = await import("./file-stamp.ts");
  const renewed = [...stamps];
  for (const i of stale) {
    const stamp = stamps[i] as FileStamp;
    const now = stampFile(base === "" ? stamp.path : join(base, stamp.path));
    if (now.hash !== stamp.hash) return undefined;
    renewed[i] = { ...now, path: stamp.path };
  }
  return renewed;
}
