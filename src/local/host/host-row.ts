import type { RowReader, Rows } from "../../util/rows.ts";
import { findDeployment } from "../state/deployments.ts";
import { isAlive, ownKey, type ProcessKey } from "../../util/processes.ts";

/** Who serves a deployed App. The row is the lock: it holds only while its owner lives. */
export interface HostRow {
  readonly owner: ProcessKey;
  /** Id of the deployment that it serves. */
  readonly deployment: string;
  /** Where it listens; `null` while the owner, a client, is starting the host. */
  readonly socket: string | null;
  readonly atMs: number;
}

/** A client that starts a host may need this long before another client tries. */
const START_LEASE_MS = 20_000;

/** The key of the row of an App's host. */
export function hostKey(environment: string, app: string): string {
  return `host#${environment}#${app}`;
}

/** The row of a host that is living or being started for this deployment; `undefined` when one has to be started. */
export function liveHost(rows: RowReader, environment: string, app: string, deployment: string): HostRow | undefined {
  const row = rows.get<HostRow>(hostKey(environment, app));
  if (row === undefined || row.deployment !== deployment || !isAlive(row.owner)) return undefined;
  return row.socket === null && Date.now() - row.atMs > START_LEASE_MS ? undefined : row;
}

/** Makes the start of a host this process's; says `false` when there is one, or another process starts one. */
export function acquireStart(rows: Rows, environment: string, app: string, deployment: string): Promise<boolean> {
  return rows.transact((tx) => {
    if (liveHost(tx, environment, app, deployment) !== undefined) return false;
    tx.put(hostKey(environment, app), { owner: ownKey(), deployment, socket: null, atMs: Date.now() } satisfies HostRow);
    return true;
  });
}

/** Gives back a start that came to nothing. */
export function releaseStart(rows: Rows, environment: string, app: string): Promise<void> {
  return rows.transact((tx) => {
    const row = tx.get<HostRow>(hostKey(environment, app));
    if (row?.owner === ownKey() && row.socket === null) tx.delete(hostKey(environment, app));
  });
}

/**
 * Makes this process the App's one host. Says `false` when another living process is, or when the deployment is not
 * the current one any more.
 */
export function acquireHost(rows: Rows, environment: string, app: string, deployment: string, socket: string): Promise<boolean> {
  return rows.transact((tx) => {
    const current = findDeployment(tx, environment, app);
    if (current?.id !== deployment || current.state !== "deployed") return false;
    const other = liveHost(tx, environment, app, deployment);
    if (other !== undefined && other.socket !== null) return false;
    tx.put(hostKey(environment, app), { owner: ownKey(), deployment, socket, atMs: Date.now() } satisfies HostRow);
    return true;
  });
}

/** Steps down as the host, unless `isNeeded` says inside the same transaction that there is work; says whether it did. */
export function releaseHost(rows: Rows, environment: string, app: string, isNeeded: () => boolean): Promise<boolean> {
  return rows.transact((tx) => {
    if (isNeeded()) return false;
    if (tx.get<HostRow>(hostKey(environment, app))?.owner === ownKey()) tx.delete(hostKey(environment, app));
    return true;
  });
}
