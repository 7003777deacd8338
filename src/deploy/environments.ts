import type { DeploymentsApi } from "../adapters/aws/deployments.ts";
import { ENVIRONMENT_NAME, dataTable, environmentStack } from "../model/aws-names.ts";
import { AlreadyExistsError, ConflictError } from "../model/errors.ts";

/** An environment of the account, with the Apps that are deployed in it. */
export interface EnvironmentOnAws {
  readonly name: string;
  /** Of its stack; `null` when Apps say that they are in it and its own parameter is gone. */
  readonly version: number | null;
  readonly apps: readonly string[];
}

const ROOT = "/tenon/";

/** The environments of the account in this region, by name. */
export async function listEnvironments(api: DeploymentsApi): Promise<readonly EnvironmentOnAws[]> {
  return environmentsOf(await api.parameters(ROOT));
}

/** One environment; `undefined` when nothing is deployed of it. */
export async function findEnvironment(api: DeploymentsApi, environment: string): Promise<EnvironmentOnAws | undefined> {
  return environmentsOf(await api.parameters(`${ROOT}${environment}/`)).find(({ name }) => name === environment);
}

/**
 * Refuses to make an environment while the data of an earlier one of this name is there: CloudFormation would fail at it,
 * and nothing deletes data unasked. Rejects with `AlreadyExistsError`.
 */
export async function refuseLeftovers(api: DeploymentsApi, environment: string): Promise<void> {
  const table = dataTable(environment);
  if ((await api.stack(environmentStack(environment))) !== undefined || !(await api.hasTable(table))) return;
  throw new AlreadyExistsError(
    `Environment "${environment}" can't be made: the data of an earlier one of this name is still there (the table ${table}, and its bucket).`,
    {
      hint: `To use it again: npx cdk deploy --import-existing-resources --app "npx tenon env synth -e ${environment}". To give it up: delete the table, after its deletion protection, and the bucket.`,
    },
  );
}

/** Refuses to destroy an environment that Apps are deployed in. Throws `ConflictError`. */
export function refuseInUse({ name, apps }: EnvironmentOnAws): void {
  if (apps.length === 0) return;
  throw new ConflictError(
    `Environment "${name}" can't be destroyed: ${apps.length === 1 ? "this App is" : "these Apps are"} deployed in it: ${apps.join(", ")}.`,
    { hint: `Destroy ${apps.length === 1 ? "it" : "them"} first: ${apps.map((app) => `tenon destroy -e ${name} ${app}`).join("; ")}.` },
  );
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
