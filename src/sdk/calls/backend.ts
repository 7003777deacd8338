import { defaultEnvironment } from "../../model/environment-name.ts";
import { ExecutionError, InvalidError } from "../../model/errors.ts";
import type { AppManifest } from "../../model/manifest.ts";
import type { Backend } from "../../ports/backend.ts";
import { showValue } from "../../util/show-value.ts";
import { Client } from "../client.ts";
import { registry } from "../../context/registry.ts";
import type { Registry } from "../../context/registry.ts";

/** Where a handle was told to look. */
export interface BackendParams {
  readonly client?: Client | undefined;
  readonly environment?: string | undefined;
}

/** The clients that `TENON_BACKEND` stands for, one for each environment and state folder. */
const environmentClients = new Map<string, Client>();
const manifests = new WeakMap<Backend, Map<string, Promise<AppManifest>>>();

/** Throws `ExecutionError` while a user's module is being imported. */
export function refuseWhileLoading(what: string): Registry {
  const known = registry();
  if (known.loading) {
    throw new ExecutionError(`${what} is called while the module loads.`, {
      hint: "Put the call into a Function or into app.localEntrypoint(…): a module only declares.",
    });
  }
  return known;
}

/**
 * The backend of a handle: an explicit client, else the container's own, else the one that `TENON_BACKEND` names.
 * `undefined` when nothing names one. The caller looks up running Apps first.
 */
export function findBackend(known: Registry, params: BackendParams): Backend | Promise<Backend> | undefined {
  checkClientEnvironment(params);
  if (params.client !== undefined) return params.client.connected();
  if (known.backend !== undefined && (params.environment === undefined || params.environment === known.backend.environment))
    return known.backend;
  const backend = process.env["TENON_BACKEND"];
  if (backend === undefined || backend === "") return undefined;
  const environment = params.environment ?? defaultEnvironment(process.env);
  const key = `${backend}\n${environment}\n${process.env["TENON_STATE_DIR"] ?? ""}`;
  let client = environmentClients.get(key);
  if (client === undefined) {
    client = new Client({ environment });
    environmentClients.set(key, client);
  }
  return client.connected();
}

/** Throws `InvalidError` when the client is of another environment than the one that is named. */
export function checkClientEnvironment({ client, environment }: BackendParams): void {
  if (client === undefined || environment === undefined || client.environment === environment) return;
  throw new InvalidError(
    `The environment is ${showValue(environment)}, and the client is one of environment ${showValue(client.environment)}.`,
    {
      hint: "Leave one of them out, or make a Client with that environment.",
    },
  );
}

/** Like {@link findBackend}; throws `InvalidError` with the lines to add when nothing names a backend. */
export function needBackend(what: string, params: BackendParams): Backend | Promise<Backend> {
  const backend = findBackend(refuseWhileLoading(what), params);
  if (backend === undefined) throw noBackend(what);
  return backend;
}

/** The error of a call that no backend was named for. */
export function noBackend(what: string): InvalidError {
  return new InvalidError(`${what} is called, but nothing says in which backend.`, {
    hint: 'Set TENON_BACKEND=local (or aws) in the environment, or pass { client: new Client({ backend: "local" }) }.',
  });
}

/** The error of a call of a declared Function whose App does not run here. */
export function notRunning(what: string, app: string): InvalidError {
  return new InvalidError(`${what} is called, but its App is not running in this process and TENON_BACKEND is not set.`, {
    hint: `Start the file with \`tenon run\`, write \`await using run = await app.run();\` before the call, or deploy the App "${app}" with \`tenon deploy --local\` and set TENON_BACKEND=local.`,
  });
}

/** The manifest of an App, asked for once in each backend; a failed question is asked again the next time. */
export function manifestOf(backend: Backend, app: string): Promise<AppManifest> {
  let known = manifests.get(backend);
  if (known === undefined) manifests.set(backend, (known = new Map()));
  let manifest = known.get(app);
  if (manifest === undefined) {
    manifest = backend.apps.manifest(app);
    known.set(app, manifest);
    manifest.catch(() => known.delete(app));
  }
  return manifest;
}
