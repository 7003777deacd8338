import { createLocalApps } from "../../adapters/apps/local.ts";
import { createLocalCalls, type LocalCalls } from "../../adapters/calls/local.ts";
import { appPartition } from "../../adapters/calls/local-partitions.ts";
import { defaultEnvironment } from "../../model/environment-name.ts";
import { openLocalObjects } from "../../adapters/local-objects.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { ClientClosedError, InputCancelledError, TenonError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { AppInfo } from "../../ports/apps.ts";
import type { Backend } from "../../ports/backend.ts";
import type { FunctionsPort, InvokeParams } from "../../ports/functions.ts";
import type { ConnectParams } from "../../ports/backends.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { activeDeployment, deploymentOf, findDeployment, knownDeployment, listDeployments } from "../state/deployments.ts";
import { HostClient } from "./host-client.ts";
import type { HostConnection } from "./host-connection.ts";
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
  const clients = new Map<string, HostClient>();
  const objects = openLocalObjects({ stateDir, environment });
  let closed = false;

  const checkOpen = (): void => {
    if (closed) throw new ClientClosedError("This client is closed.", { hint: "Make a new one, or close it later." });
  };
  const clientOf = (app: string): HostClient => {
    const known = clients.get(app);
    if (known !== undefined) return known;
    const made = new HostClient({ rows, stateDir, environment, app });
    clients.set(app, made);
    return made;
  };

  /** An open connection, held; one that closed before anything was sent is no loss. */
  const reach = async (ref: FunctionRef): Promise<readonly [HostConnection, release: () => void]> => {
    for (;;) {
      checkOpen();
      deploymentOf(rows, environment, ref);
      const connection = await clientOf(ref.app).reach();
      if (!connection.closed) return [connection, connection.hold()];
    }
  };
  const isUnsent = (error: unknown, connection: HostConnection): boolean =>
    TenonError.is(error) && error.code === "CLIENT_CLOSED" && connection.closed && !closed;

  const functions: FunctionsPort = {
    async invoke(ref, envelope, invoke) {
      if (ref.app === own?.app) return own.functions.invoke(ref, envelope, invoke);
      for (;;) {
        const [connection, release] = await reach(ref);
        try {
          return invoke?.signal?.aborted === true
            ? cancelled(envelope.callId)
            : await connection.backend.functions.invoke(ref, envelope, invoke);
        } catch (error) {
          if (!isUnsent(error, connection)) throw error;
        } finally {
          release();
        }
      }
    },
    async *stream(ref, envelope, invoke: InvokeParams | undefined) {
      if (ref.app === own?.app) return yield* own.functions.stream(ref, envelope, invoke);
      const [connection, release] = await reach(ref);
      try {
        return yield* connection.backend.functions.stream(ref, envelope, invoke);
      } finally {
        release();
      }
    },
  };

  const calls = createLocalCalls({
    rows,
    environment,
    isAlive,
    async route(ref) {
      checkOpen();
      deploymentOf(rows, environment, ref);
      return appPartition(ref.app);
    },
    async wake(partition, app) {
      checkOpen();
      // Calls of an App that runs in a process are that process's.
      if (partition !== appPartition(app)) return;
      if (app === own?.app && own.wake()) return;
      // The last calls of a stopped App are being ended by its host or were ended with it.
      if (findDeployment(rows, environment, app)?.state === "deployed") await clientOf(app).wake();
    },
  });

  const apps = createLocalApps({
    checkOpen,
    manifestOf: (app) => activeDeployment(rows, environment, app).manifest,
    checkKnown: (app) => void knownDeployment(rows, environment, app),
    deployed: () => listDeployments(rows, environment),
    running: () => runningInfos(stateDir, environment),
    stop: (app) => stopApp({ rows, stateDir, environment, calls }, app),
    readLog: (app, query) => readLog(logFile(stateDir, environment, app), query),
  });

  return {
    kind: "local",
    environment,
    functions,
    calls,
    apps,
    objects: objects.ports,
    async close() {
      closed = true;
      for (const client of clients.values()) client.close();
      clients.clear();
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

function cancelled(callId: string): AttemptResult {
  return { status: "cancelled", error: encodeError(new InputCancelledError(`Call "${callId}" was cancelled.`)) };
}
