import { reachedObjects } from "../adapters/reached-objects.ts";
import { registry } from "../context/registry.ts";
import type { Backend } from "../ports/backend.ts";

/** Which container a process is. */
export interface ContainerIdentity {
  /** `ta-…` */
  readonly container: string;
  readonly environment: string;
  /** The App's name in the code. */
  readonly app: string;
  /** Content hash of the bundle. */
  readonly version: string;
}

/**
 * Makes this process a container of an App: calls that its code makes go to `backend`, of whose named objects it may use
 * those within its reach, and its variables say where it runs. `variables` are the Function's own.
 */
export function becomeContainer(identity: ContainerIdentity, backend: Backend, variables: Readonly<Record<string, string>> = {}): void {
  const { app, container, environment, version } = identity;
  const known = registry();
  known.role = "container";
  known.backend = { ...backend, objects: reachedObjects(backend.objects, () => known.reach) };
  known.containerApp = app;
  known.containerVersion = version;
  Object.assign(process.env, variables, { TENON_IS_REMOTE: "1", TENON_TASK_ID: container, TENON_ENVIRONMENT: environment });
}
