import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { ENVIRONMENT_NAME } from "../model/aws-names.ts";
import { ConflictError } from "../model/errors.ts";

/** An environment of the account, with the Apps that are deployed in it. */
export interface EnvironmentOnAws {
  readonly name: string;
  /** Of its stack; `null` when Apps are deployed in it and its own parameter is gone. */
  readonly version: number | null;
  readonly apps: readonly string[];
}

const ROOT = "/tenon/";

/** The environments of the account in this region, by name. */
export async function listEnvironments(api: DeploymentsApi): Promise<readonly EnvironmentOnAws[]> {
  return environmentsOf(await api.parameters(ROOT));
}

/** One environment; `undefined` when it is not deployed. */
export async function findEnvironment(api: DeploymentsApi, environment: string): Promise<EnvironmentOnAws | undefined> {
  return environmentsOf(await api.parameters(`${ROOT}${environment}/`)).find(({ name }) => name === environment);
}

/** Refuses to destroy an environment that Apps are deployed in. Throws `ConflictError`. */
export function refuseInUse({ name, apps }: EnvironmentOnAws): void {
  if (apps.length === 0) return;
  throw new ConflictError(`Environment "${name}" can't be destroyed, because Apps are deployed in it: ${apps.join(", ")}.`, {
    hint: `Run ${apps.map((app) => `tenon destroy -e ${name} ${app}`).join(" and ")} first.`,
  });
}

// --- Internal helpers ---

const PARAMETER = new RegExp(`^${ROOT}(${ENVIRONMENT_NAME})/(?:(version)|apps/([^/]+)/0)$`);

function environmentsOf(parameters: ReadonlyMap<string, string>): readonly EnvironmentOnAws[] {
  const found = new Map<string, { version: number | null; apps: string[] }>();
  for (const [parameter, value] of parameters) {
    const [, name, version, app] = PARAMETER.exec(parameter) ?? [];
    if (name === undefined) continue;
    const environment = found.get(name) ?? { version: null, apps: [] };
    found.set(name, environment);
    if (version !== undefined) environment.version = Number(value);
    if (app !== undefined) environment.apps.push(app);
  }
  return [...found]
    .map(([name, { version, apps }]) => ({ name, version, apps: apps.toSorted() }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
