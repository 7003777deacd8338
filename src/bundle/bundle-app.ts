import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { ensureStateFolder } from "../disk/state-folder.ts";
import { type BundleParams, prepareJob } from "./bundle-job.ts";
import { type BundleRecord, readRecord, writeRecord } from "./bundle-record.ts";
import { checkFresh } from "./freshness.ts";
import { pruneBundles } from "./prune-bundles.ts";

/** One App in one module, ready to be imported by `importBundle`. */
export interface AppBundle {
  /** Absolute folder: app.mjs, app.mjs.map, bundle.json and node_modules/. */
  readonly dir: string;
  /** Absolute path of app.mjs. */
  readonly appFile: string;
  /** Hash of all that the bundle holds; the same for the same sources on every machine. */
  readonly version: string;
  /** Whether an earlier bundle served. */
  readonly cached: boolean;
  /** Absolute folder of the nearest package.json: what the user's files are relative to. */
  readonly sourceRoot: string;
  /** Time that this call took. */
  readonly durationMs: number;
}

/**
 * Bundles the App that a file declares, or finds the bundle of it that still holds.
 *
 * esbuild is loaded only when something has changed: a source, a package, package.json, a lockfile, tsconfig.json,
 * the options, Tenon or Node. Many processes may bundle the same App at once.
 * Throws NotFoundError for a missing file, InvalidError for a wrong option, BundleError for what can't be bundled,
 * PermissionDeniedError for a state folder that is not this user's alone.
 */
export async function bundleApp(params: BundleParams): Promise<AppBundle> {
  const started = performance.now();
  const job = prepareJob(params);
  // What lies there may be run without being made again.
  ensureStateFolder(job.stateDir, "bundles", basename(job.slot));
  const latest = join(job.slot, "latest.json");
  const last = readRecord(latest);
  const fresh = last === undefined ? undefined : await checkFresh(last, job);
  let version: string;
  let cached = false;
  if (fresh !== undefined && existsSync(join(job.slot, fresh.version, "app.mjs"))) {
    if (fresh !== last) remember(latest, fresh);
    version = fresh.version;
    cached = true;
  } else {
    const { buildApp } = await import("./build-app.ts");
    version = (await buildApp(job, last)).version;
    await pruneBundles({ stateDir: params.stateDir, inUse: [join(job.slot, version)], minAgeMs: OLD_BUNDLE_MS });
  }
  const dir = join(job.slot, version);
  return { dir, appFile: join(dir, "app.mjs"), version, cached, sourceRoot: job.sourceRoot, durationMs: performance.now() - started };
}

// --- Internal helpers ---

/** Bundles that are older may go. A process that runs one App for longer, while its file changes many times, may lose its bundle. */
const OLD_BUNDLE_MS = 7 * 24 * 60 * 60 * 1_000;

// This only saves the next call some reading, so a state folder that can't be written is no reason to fail.
function remember(file: string, record: BundleRecord): void {
  try {
    writeRecord(file, record);
  } catch {
    // The next call reads the touched files again.
  }
}
