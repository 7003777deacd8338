import { rmSync } from "node:fs";
import { join } from "node:path";
import { resolveStateDir } from "../../disk/state-dir.ts";
import { openState } from "../../adapters/lmdb/state.ts";
import { createLocalBackend } from "./connect.ts";
import { dropDeployment, keptFolder } from "../state/deployments.ts";
import { hostLogFile, logFile } from "../state/log-file.ts";

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
    const backend = createLocalBackend({ state, stateDir, environment });
    await backend.apps.stop(app);
    await backend.close();
    await state.rows.transact((tx) => dropDeployment(tx, environment, app));
    rmSync(join(stateDir, ...keptFolder(environment, app)), { recursive: true, force: true });
    const log = logFile(stateDir, environment, app);
    for (const file of [log, `${log}.1`, hostLogFile(stateDir, environment, app)]) rmSync(file, { force: true });
  } finally {
    await state.close();
  }
}
