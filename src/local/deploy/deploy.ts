import { cpSync, existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { defaultEnvironment } from "../../model/environment-name.ts";
import type { EventSink } from "../../ports/events.ts";
import { type Deployment, findDeployment, keptFolder, putDeployment } from "../state/deployments.ts";
import { readApp } from "./read-app.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { openState } from "../../adapters/lmdb/state.ts";
import { UNFINISHED, writeWhole } from "../../util/write-whole.ts";

/** What to deploy on this machine. */
export interface DeployLocalParams {
  /** Absolute path of the file that declares the App. */
  readonly entryFile: string;
  /** @default `.tenon` beside the nearest package.json above the file, or `TENON_STATE_DIR` */
  readonly stateDir?: string | undefined;
  /** @default `TENON_ENVIRONMENT`, else `dev` */
  readonly environment?: string | undefined;
  readonly onEvent?: EventSink | undefined;
  /** Makes what is thrown of what the module failed with. @default - its own error */
  readonly moduleFailure?: ((error: unknown) => Error) | undefined;
}

/** What was deployed. */
export interface LocalDeployment {
  readonly app: string;
  readonly environment: string;
  readonly version: string;
  /** `false` when this very version was deployed already. */
  readonly changed: boolean;
  readonly functions: readonly string[];
}

/**
 * Deploys the App of a file on this machine: bundles it, reads in a child process what it declares, keeps the bundle
 * under the state folder, and writes the deployment down. Nothing is started; the first call starts the App's host.
 * A host of an earlier version finishes what it runs and then ends.
 *
 * Rejects with `BundleError` or the module's own error, and then leaves an earlier deployment as it was.
 */
export async function deployLocal(params: DeployLocalParams): Promise<LocalDeployment> {
  const environment = params.environment ?? defaultEnvironment(process.env);
  const { manifest, bundle, stateDir } = await readApp({
    entryFile: params.entryFile,
    stateDir: params.stateDir,
    environment,
    moduleFailure: params.moduleFailure,
  });
  const app = manifest.name;
  const { version, sourceRoot, cached, durationMs } = bundle;
  params.onEvent?.({ code: "BUNDLE_READY", app, version, cached, durationMs });

  const state = await openState(stateDir);
  try {
    const kept = join(ensureStateFolder(stateDir, ...keptFolder(environment, app)), version);
    keep(bundle.dir, kept);
    const appFile = join(kept, "app.mjs");
    const functions = Object.keys(manifest.functions);
    const changed = await state.rows.transact((tx) => {
      const before = findDeployment(tx, environment, app);
      const same =
        before?.state === "deployed" &&
        before.version === version &&
        before.appFile === appFile &&
        JSON.stringify(before.manifest) === JSON.stringify(manifest);
      if (same) return false;
      const deployedAtMs = Date.now();
      const deployment: Deployment = {
        id: `${app}@${version}@${deployedAtMs}`,
        state: "deployed",
        version,
        manifest,
        deployedAtMs,
        entryFile: params.entryFile,
        sourceRoot,
        appFile,
      };
      putDeployment(tx, environment, deployment);
      return true;
    });
    if (changed) dropOlder(dirname(kept), version);
    return { app, environment, version, changed, functions };
  } finally {
    await state.close();
  }
}

// --- Internal helpers ---

/** Versions that stay beside the current one: a host that drains still starts containers from its own. */
const KEPT_VERSIONS = 3;

/** Copies a bundle out of reach of the bundler's own cleaning; whole or not at all, since its row outlives a power failure. */
function keep(from: string, to: string): void {
  writeWhole(to, (temporary) => cpSync(from, temporary, { recursive: true, verbatimSymlinks: true }), {
    isThere: () => existsSync(to),
    durable: true,
  });
}

function dropOlder(folder: string, current: string): void {
  const others = readdirSync(folder, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && entry.name !== current && !entry.name.startsWith(UNFINISHED),
  );
  if (others.length < KEPT_VERSIONS) return;
  // Their order of use is not known to the names: the oldest folders go first.
  const byAge = others
    .map((entry) => ({ path: join(folder, entry.name), time: statSync(join(folder, entry.name)).ctimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of byAge.slice(KEPT_VERSIONS - 1)) rmSync(path, { recursive: true, force: true });
}
