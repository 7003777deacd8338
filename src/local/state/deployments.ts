import { NotFoundError } from "../../model/errors.ts";
import { functionNotFound } from "../../model/function-not-found.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { AppInfo } from "../../ports/apps.ts";
import { folderName } from "../../util/folder-name.ts";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";

/** A deployed App: what its host needs to run it. */
export interface Deployment {
  /** Differs for each deploy and App, so that a host knows whether it is still the right one. */
  readonly id: string;
  readonly state: "deployed" | "stopped";
  readonly version: string;
  readonly manifest: AppManifest;
  readonly deployedAtMs: number;
  readonly entryFile: string;
  readonly sourceRoot: string;
  /** Absolute path of the kept bundle's module. */
  readonly appFile: string;
}

/** Writes an App's deployment: its row, and the small mark beside it that says which one it is. */
export function putDeployment(rows: RowWriter, environment: string, deployment: Deployment): void {
  const app = deployment.manifest.name;
  rows.put(deploymentKey(environment, app), deployment);
  rows.put(markKey(environment, app), `${deployment.state} ${deployment.id}`);
}

/** The folder of an App's kept bundles, one for each version: the parts of its path below the state folder. */
export function keptFolder(environment: string, app: string): readonly [string, string] {
  return ["deployed", folderName(`${environment}-${app}`, [environment, app])];
}

/** Forgets an App's deployment. */
export function dropDeployment(rows: RowWriter, environment: string, app: string): void {
  rows.delete(deploymentKey(environment, app));
  rows.delete(markKey(environment, app));
}

/** The App's deployment, stopped or not; `undefined` when it was never deployed here. */
export function findDeployment(rows: RowReader, environment: string, app: string): Deployment | undefined {
  // Each call looks here: a manifest is decoded once, and only the mark is read again.
  const mark = rows.get<string>(markKey(environment, app));
  if (mark === undefined) return undefined;
  const cached = known.get(rows)?.get(mark);
  if (cached !== undefined) return cached;
  const deployment = rows.get<Deployment>(deploymentKey(environment, app));
  if (deployment === undefined) return undefined;
  const marks = known.get(rows) ?? new Map<string, Deployment>();
  // Another deploy may have come between the two reads.
  if (mark === `${deployment.state} ${deployment.id}`) known.set(rows, marks.set(mark, deployment));
  return deployment;
}

/** The App's deployment, stopped or not. Throws `NotFoundError` when it was never deployed. */
export function knownDeployment(rows: RowReader, environment: string, app: string): Deployment {
  const deployment = findDeployment(rows, environment, app);
  if (deployment !== undefined) return deployment;
  throw new NotFoundError(`App "${app}" is not deployed on this machine in environment "${environment}".`, {
    hint: `Run tenon deploy --local -e ${environment} with its file, set TENON_ENVIRONMENT to another environment, or join it to the App that runs with app.include(other).`,
  });
}

/** The App's deployment. Throws `NotFoundError` when it was never deployed, or is stopped. */
export function activeDeployment(rows: RowReader, environment: string, app: string): Deployment {
  const deployment = knownDeployment(rows, environment, app);
  if (deployment.state === "deployed") return deployment;
  throw new NotFoundError(`App "${app}" is stopped in environment "${environment}".`, {
    hint: `Run tenon deploy --local -e ${environment} ${deployment.entryFile} to start it again.`,
  });
}

/** The deployment that has this Function. Throws `NotFoundError` when none has. */
export function deploymentOf(rows: RowReader, environment: string, ref: FunctionRef): Deployment {
  const deployment = activeDeployment(rows, environment, ref.app);
  const { functions } = deployment.manifest;
  if (functions[ref.name] !== undefined) return deployment;
  throw functionNotFound(ref, {
    known: Object.keys(functions),
    hint: "Check the name, or deploy the App again if the Function is new.",
  });
}

/** Every App that was deployed in the environment, newest first. */
export function listDeployments(rows: Rows, environment: string): readonly AppInfo[] {
  return rows.range<Deployment>(deploymentKey(environment, "")).map(({ value }) => ({
    name: value.manifest.name,
    environment,
    state: value.state,
    version: value.version,
    sinceMs: value.deployedAtMs,
    functions: Object.keys(value.manifest.functions),
  }));
}

// --- Internal helpers ---

const known = new WeakMap<RowReader, Map<string, Deployment>>();

function deploymentKey(environment: string, app: string): string {
  return `app#${environment}#${app}`;
}

function markKey(environment: string, app: string): string {
  return `app-mark#${environment}#${app}`;
}
