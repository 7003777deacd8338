import { dirname } from "node:path";
import type { AppBundle } from "../../bundle/index.ts";
import { bundleApp, createStackMapper, importBundle } from "../../bundle/index.ts";
import { registry } from "../../context/registry.ts";
import { resolveStateDir } from "../../disk/state-dir.ts";
import { tenonDir } from "../../util/package-dir.ts";
import type { App } from "../../index.ts";
import { pickApp } from "../arguments/choose.ts";
import type { Target } from "../arguments/target.ts";
import { UserFailure } from "../kit/failures.ts";

/** A user's App, loaded into this process. */
export interface LoadedApp {
  readonly app: App;
  readonly stateDir: string;
  readonly bundle: AppBundle;
  /** Turns a stack of the bundle into one of the user's files. */
  readonly mapStack: (stack: string) => string;
}

/**
 * Bundles a file and imports the bundle here. Calls are refused while the module loads.
 *
 * Throws `BundleError`, `UsageError` (no App, several Apps) and `UserFailure` with what the module threw.
 */
export async function loadApp(target: Target): Promise<LoadedApp> {
  const stateDir = resolveStateDir({ from: dirname(target.file) });
  const request = { entryFile: target.file, stateDir, tenonDir: tenonDir() };
  const bundle = await bundleApp(request);
  const mapStack = createStackMapper(bundle.appFile, `${bundle.appFile}.map`, bundle.sourceRoot);
  const exported = await importHere(bundle, mapStack);
  // The bundle shares this process's copy of Tenon, whose Apps these are.
  const app = pickApp(registry().apps as readonly unknown[] as readonly App[], target.typed, exported);
  const { files, external } = app.toManifest();
  if (files.length === 0 && external.length === 0) return { app, stateDir, bundle, mapStack };
  // What travels beside the code is known only now. This process keeps the code that it has.
  return { app, stateDir, bundle: await bundleApp({ ...request, files, external }), mapStack };
}

// --- Internal helpers ---

/** What the module exports. */
async function importHere(bundle: AppBundle, mapStack: (stack: string) => string): Promise<readonly unknown[]> {
  const known = registry();
  known.loading = true;
  try {
    return Object.values(await importBundle(bundle));
  } catch (error) {
    throw new UserFailure(error, mapStack);
  } finally {
    known.loading = false;
  }
}
