import { createLocalApps } from "../../adapters/apps/local.ts";
import { createLocalCalls, type LocalCalls } from "../../adapters/calls/local.ts";
import { appPartition } from "../../adapters/calls/local-partitions.ts";
import { defaultEnvironment } from "../../model/environment-name.ts";
import { openLocalObjects } from "../../adapters/local-objects.ts";
import type { AppInfo } from "../../ports/apps.ts";
import type { AppPorts, Backend } from "../../ports/backend.ts";
import { functionsOperations, type FunctionsPort } from "../../ports/functions.ts";
import { appReader, routePorts } from "../../ports/make-port.ts";
import type { ConnectParams } from "../../ports/backends.ts";
import { activeDeployment, deploymentOf, findDeployment, knownDeployment, listDeployments } from "../state/deployments.ts";
import { createDeployedFunctions } from "./deployed-functions.ts";
import { HostClients } from "./host-clients.ts";
import { logFile, readLog } from "../state/log-file.ts";
import { runningApps } from "../workers/owner-record.ts";
import { isAlive } from "../../util/processes.ts";
import { openState, type LocalState } from "../../adapters/lmdb/state.ts";
import { resolveStateDir } from "../../disk/state-dir.ts";
import { stopApp } from "./stop-app.ts";

/** The App that the process itself serves, if it does. */
export interface OwnApp {
  readonly app: string;
  readonly functions: FunctionsPort;
  /** Has this process's driver look at its rows; `false` when it takes no more calls. */
  wake(): boolean;
}

/** What a view of the local backend is made of. */
export interface LocalBackendParams {
  readonly state: LocalState;
  readonly stateDir: string;
  readonly environment: string;
  readonly own?: OwnApp | undefined;
}

/** The local backend's deployed Apps, with the parts that only this layer uses. */
export interface LocalBackend extends Backend {
  readonly calls: LocalCalls;
}

/**
 * The deployed Apps of this machine: their hosts start when they are called. Nothing is started or connected by
 * this function, so it does not fail for a backend in which nothing was deployed.
 */
export async function connectLocal(params: ConnectParams = {}): Promise<Backend> {
  const environment = params.environment ?? defaultEnvironment(process.env);
  const stateDir = resolveStateDir({ stateDir: params.stateDir });
  const state = await openState(stateDir);
  const backend = createLocalBackend({ state, stateDir, environment });
  return {
    ...backend,
    async close() {
      await backend.close();
      await state.close();
    },
  };
}

/** A view of the local backend over rows that are open; closing it leaves them open. */
export function createLocalBackend(params: LocalBackendParams): LocalBackend {
  const { state, stateDir, environment, own } = params;
  const { rows } = state;
  const hosts = new HostClients({ rows, stateDir, environment });
  const objects = openLocalObjects({ stateDir, environment });
  const deployed = createDeployedFunctions(hosts);
  const functionsOf = (app: string | undefined): FunctionsPort => (own !== undefined && app === own.app ? own.functions : deployed);

  const calls = createLocalCalls({
    rows,
    environment,
    isAlive,
    async route(ref) {
      hosts.checkOpen();
      deploymentOf(rows, environment, ref);
      return appPartition(ref.app);
    },
    async wake(partition, app) {
      hosts.checkOpen();
      // Calls of an App that runs in a process are that process's.
      if (partition !== appPartition(app)) return;
      if (app === own?.app && own.wake()) return;
      // The last calls of a stopped App are being ended by its host or were ended with it.
      if (findDeployment(rows, environment, app)?.state === "deployed") await hosts.of(app).wake();
    },
  });
  return {
    kind: "local",
    environment,
    ...routePorts<Pick<AppPorts, "functions">>({ functions: functionsOperations }, (_, operation) => {
      const appOf = appReader(operation);
      return (args) => functionsOf(appOf(args));
    }),
    calls,
    apps: createLocalApps({
      checkOpen: () => hosts.checkOpen(),
      manifestOf: (app) => activeDeployment(rows, environment, app).manifest,
      checkKnown: (app) => void knownDeployment(rows, environment, app),
      deployed: () => listDeployments(rows, environment),
      running: () => runningInfos(stateDir, environment),
      stop: (app) => stopApp({ rows, stateDir, environment, calls }, app),
      readLog: (app, query) => readLog(logFile(stateDir, environment, app), query),
    }),
    objects: objects.ports,
    async close() {
      hosts.close();
      await objects.close();
    },
  };
}

// --- Internal helpers ---

function runningInfos(stateDir: string, environment: string): readonly AppInfo[] {
  return runningApps(stateDir)
    .filter((run) => run.environment === environment)
    .map(({ app, startedAtMs, ...run }) => ({ ...run, name: app, state: "running", sinceMs: startedAtMs }));
}
