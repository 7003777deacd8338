import type { AppsPort } from "../../ports/apps.ts";
import { APP_PORTS, type AppPorts, type Backend, OBJECT_PORTS, type ObjectPorts } from "../../ports/backend.ts";
import { appReader, routePorts } from "../../ports/make-port.ts";
import type { RunCalls, RunCallsOptions } from "./run-calls.ts";

/** What a run's backend is made of. */
export interface RunBackendOptions extends Omit<RunCallsOptions, "others"> {
  readonly version: string;
}

/** The local backend as an App that runs sees it: itself in this process, every other App where it is deployed. */
export function createRunBackend(options: RunBackendOptions): Backend {
  const { manifest, environment, stateDir, engine } = options;
  let deployed: Promise<Backend> | null = null;
  let durable: Promise<RunCalls> | null = null;

  const others = (): Promise<Backend> =>
    (deployed ??= import("../host/connect.ts").then(({ connectLocal }) => connectLocal({ environment, stateDir })));
  const calls = async (): Promise<AppPorts["calls"]> =>
    (await (durable ??= import("./run-calls.ts").then(({ openRunCalls }) => openRunCalls({ ...options, others })))).port;
  const ownApps: Pick<AppsPort, "manifest"> = { manifest: () => Promise.resolve(manifest) };

  const ports = routePorts<AppPorts>(APP_PORTS, (port, operation) => {
    const appOf = appReader(operation);
    const isOwn = (args: readonly unknown[]): boolean => appOf(args) === manifest.name;
    if (port === "functions") return (args) => (isOwn(args) ? engine.functions : others().then(({ functions }) => functions));
    // A call of another App is found by its rows, which are the same for all.
    if (port === "calls") return calls;
    const isManifest = operation === APP_PORTS.apps.manifest;
    return (args) => (isManifest && isOwn(args) ? (ownApps as AppsPort) : others().then(({ apps }) => apps));
  });
  return {
    kind: "local",
    environment,
    ...ports,
    objects: routePorts<ObjectPorts>(OBJECT_PORTS, (port) => () => others().then(({ objects }) => objects[port])),
    async close() {
      // What was never opened is not opened in order to be closed.
      if (durable !== null) await (await durable).close();
      if (deployed !== null) await (await deployed).close();
    },
  };
}
