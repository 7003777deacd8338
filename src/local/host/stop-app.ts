import { setTimeout as sleep } from "node:timers/promises";
import type { LocalCalls } from "../../adapters/calls/local.ts";
import { appPartition } from "../../adapters/calls/local-partitions.ts";
import type { Rows } from "../../util/rows.ts";
import { findDeployment, putDeployment } from "../state/deployments.ts";
import { hostKey, type HostRow } from "./host-row.ts";
import { reap } from "../workers/owner-record.ts";
import { isAlive, killGroup } from "../../util/processes.ts";

const STOP_GRACE_MS = 10_000;

/**
 * Ends a deployed App: from the first step on no call is accepted; then what waits and what runs is cancelled, and
 * the host ends, by force when it takes too long. A stopped one stays so.
 */
export async function stopApp(
  backend: { readonly rows: Rows; readonly stateDir: string; readonly environment: string; readonly calls: LocalCalls },
  app: string,
): Promise<void> {
  const { rows, stateDir, environment, calls } = backend;
  const host = rows.get<HostRow>(hostKey(environment, app));
  await rows.transact((tx) => {
    const deployment = findDeployment(tx, environment, app);
    if (deployment !== undefined) putDeployment(tx, environment, { ...deployment, state: "stopped" });
  });
  await calls.endPartition(appPartition(app));
  if (host === undefined || host.socket === null) return;
  const endsAt = Date.now() + STOP_GRACE_MS;
  while (isAlive(host.owner) && Date.now() < endsAt) await sleep(20);
  killGroup(host.owner);
  reap(stateDir);
  // The calls that a killed host held have no driver any more.
  await calls.endPartition(appPartition(app));
}
