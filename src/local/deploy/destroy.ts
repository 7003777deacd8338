import { rmSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { openState } from "../../adapters/lmdb/state.ts";
import { createLocalBackend } from "../host/connect.ts";
import { activeDeployment, dropDeployment, findDeployment } from "../state/deployments.ts";
import { logFile } from "../state/log-file.ts";
import { resolveStateDir } from "../state/state-dir.ts";

/** Which App to remove from this machine. */
export interface DestroyLocalParams {
  readonly app: string;
  readonly environment: string;
  /** @default `.tenon` beside the nearest package.json, or `TENON_STATE_DIR` */
  readonly stateDir?: string | undefined;
}

/**
 * Stops an App that is deployed on this machine and removes its deployment, its code and its log. Outcomes of its calls stay
 * for their 7 days. Rejects with `NotFoundError` when it was never deployed.
 */
export async function destroyLocal({ app, environment, stateDir: given }: DestroyLocalParams): Promise<void> {
  const stateDir = resolveStateDir({ stateDir: given });
  const state = await openState(stateDir);
  try {
    const deployment = findDeployment(state.rows, environment, app) ?? activeDeployment(state.rows, environment, app);
    const backend = createLocalBackend({ state, stateDir, environment });
    await backend.apps.stop(app);
    await backend.close();
    await state.rows.transact((tx) => dropDeployment(tx, environment, app));
    removeCode(stateDir, deployment.appFile);
    for (const file of [logFile(stateDir, environment, app), `${logFile(stateDir, environment, app)}.1`]) rmSync(file, { force: true });
  } finally {
    await state.close();
  }
}

// --- Internal helpers ---

/** Removes every kept version of the App whose module this is: `deployed/<environment>/<app>/<version>/app.mjs`. */
function removeCode(stateDir: string, appFile: string): void {
  const version = dirname(appFile);
  const ofApp = dirname(version);
  // A folder of any other depth is not one App's alone.
  const isOfApp = relative(join(stateDir, "deployed"), ofApp).split(sep).length === 2;
  rmSync(isOfApp ? ofApp : version, { recursive: true, force: true });
}
