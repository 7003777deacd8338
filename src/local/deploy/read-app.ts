import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { AppBundle } from "../../bundle/index.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { tenonDir } from "../../util/package-dir.ts";
import { readManifest, startReader } from "../workers/manifest-reader.ts";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { resolveStateDir } from "../../disk/state-dir.ts";

/** Which App to read. */
export interface ReadAppParams {
  /** Absolute path of the file that declares the App. */
  readonly entryFile: string;
  /** @default `.tenon` beside the nearest package.json above the file, or `TENON_STATE_DIR` */
  readonly stateDir?: string | undefined;
  readonly environment: string;
  /** Turns the error of a module that can't be loaded into the one to reject with; `undefined` keeps it. */
  readonly moduleFailure?: ((error: unknown) => Error | undefined) | undefined;
  /** Called when the child is at work: what keeps this process busy costs no time then. */
  readonly onReading?: (() => void) | undefined;
}

/** An App as its file says it. */
export interface AppOnDisk {
  readonly manifest: AppManifest;
  /** With everything that travels beside the code. */
  readonly bundle: AppBundle;
  /** Absolute path of the folder of the state, which exists. */
  readonly stateDir: string;
}

/**
 * Bundles the App of a file and reads, in a child process that then ends, what it declares.
 *
 * Rejects with `BundleError` or the module's own error.
 */
export async function readApp(params: ReadAppParams): Promise<AppOnDisk> {
  const { entryFile, environment } = params;
  const stateDir = resolveStateDir({ stateDir: params.stateDir, from: dirname(entryFile) });
  ensureStateFolder(stateDir);
  const { bundleApp, findSourceRoot } = await import("../../bundle/index.ts");
  const request = { entryFile, stateDir, tenonDir: tenonDir() };
  // It comes up while the App is bundled.
  const reader = startReader(findSourceRoot(realpathSync(entryFile)));
  let bundle = await bundleApp(request).catch((error: unknown) => {
    reader.kill();
    throw error;
  });
  const manifest = await readManifest({ bundle, environment, reader, onReading: params.onReading }).catch((error: unknown) => {
    throw params.moduleFailure?.(error) ?? error;
  });
  const { files, external } = manifest;
  // What travels beside the code is known only once the code has said it.
  if (files.length > 0 || external.length > 0) bundle = await bundleApp({ ...request, files, external });
  return { manifest, bundle, stateDir };
}
