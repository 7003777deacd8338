import { dirname } from "node:path";
import { defaultEnvironment } from "../../model/environment-name.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppBundle } from "../../bundle/index.ts";
import type { Backend } from "../../ports/backend.ts";
import type { EventSink } from "../../ports/events.ts";
import type { BackendRun, RunParams } from "../../ports/backends.ts";
import { tenonDir } from "../../util/package-dir.ts";
import { createEngine, type Engine } from "../engine/engine.ts";
import { reap } from "../workers/owner-record.ts";
import { createRunBackend } from "./run-backend.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { resolveStateDir } from "../../disk/state-dir.ts";
import { openWorkerRoster } from "../workers/worker-roster.ts";
import { createWorkerStarter, type SpareWorker } from "../workers/worker-starter.ts";

/** Parts of a run that the caller has made already: `prepared` of the run's parameters. */
export interface PreparedRun {
  readonly bundle: AppBundle;
  readonly spare: SpareWorker | null;
}

/** Runs an App in this process's own containers until the run is closed. */
export async function runLocal(params: RunParams): Promise<BackendRun> {
  const environment = params.environment ?? defaultEnvironment(process.env);
  const stateDir = resolveStateDir({ stateDir: params.stateDir, from: dirname(params.entryFile) });
  const onEvent = params.onEvent ?? ((): void => {});
  const prepared = params.prepared as PreparedRun | undefined;
  const bundle = prepared?.bundle ?? (await makeBundle(params.manifest, params.entryFile, stateDir, onEvent));
  ensureStateFolder(stateDir);
  // What a killed process has left is removed before this one adds to it.
  reap(stateDir);
  const { name: app, functions } = params.manifest;
  const roster = openWorkerRoster(stateDir, {
    app,
    environment,
    version: bundle.version,
    startedAtMs: Date.now(),
    functions: Object.keys(functions),
  });
  const workers = createWorkerStarter({ cwd: bundle.sourceRoot, onStarted: roster.add }, prepared?.spare ?? null);
  const engine: Engine = createEngine({
    manifest: params.manifest,
    bundle,
    environment,
    stateDir,
    workers,
    onEvent,
    backend: () => backend,
  });
  const backend: Backend = createRunBackend({ manifest: params.manifest, version: bundle.version, environment, stateDir, engine, onEvent });

  let closing: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    workers.close();
    try {
      await backend.close();
    } finally {
      await engine.close();
      roster.close();
    }
  };
  return {
    backend,
    close: () => (closing ??= close()),
  };
}

// --- Internal helpers ---

async function makeBundle(manifest: AppManifest, entryFile: string, stateDir: string, onEvent: EventSink): Promise<AppBundle> {
  const { bundleApp } = await import("../../bundle/index.ts");
  const bundle = await bundleApp({ entryFile, files: manifest.files, external: manifest.external, stateDir, tenonDir: tenonDir() });
  onEvent({ code: "BUNDLE_READY", app: manifest.name, version: bundle.version, cached: bundle.cached, durationMs: bundle.durationMs });
  return bundle;
}
