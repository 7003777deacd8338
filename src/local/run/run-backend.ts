import type { AppManifest } from "../../model/manifest.ts";
import type { AppsPort } from "../../ports/apps.ts";
import type { Backend } from "../../ports/backend.ts";
import type { CallsPort } from "../../ports/calls.ts";
import type { EventSink } from "../../ports/events.ts";
import type { Engine } from "../engine/engine.ts";
import type { RunCalls } from "./run-calls.ts";

/** What a run's backend is made of. */
export interface RunBackendOptions {
  readonly manifest: AppManifest;
  readonly version: string;
  readonly environment: string;
  readonly stateDir: string;
  readonly engine: Engine;
  readonly onEvent: EventSink;
}

/** The local backend as an App that runs sees it: itself in this process, every other App where it is deployed. */
export function createRunBackend(options: RunBackendOptions): Backend {
  const { manifest, environment, stateDir, engine } = options;
  let deployed: Promise<Backend> | null = null;
  let durable: Promise<RunCalls> | null = null;

  const others = (): Promise<Backend> =>
    (deployed ??= import("../host/connect.ts").then(({ connectLocal }) => connectLocal({ environment, stateDir })));
  const calls = (): Promise<RunCalls> =>
    (durable ??= import("./run-calls.ts").then(({ openRunCalls }) => openRunCalls({ ...options, others })));

  const callsPort: CallsPort = {
    spawn: async (ref, envelope) => (await calls()).port.spawn(ref, envelope),
    get: async (callId, params) => (await calls()).port.get(callId, params),
    cancel: async (callId, params) => (await calls()).port.cancel(callId, params),
    status: async (callId) => (await calls()).port.status(callId),
  };
  const apps: AppsPort = {
    manifest: async (app) => (app === manifest.name ? manifest : (await others()).apps.manifest(app)),
    list: async () => (await others()).apps.list(),
    stop: async (app) => (await others()).apps.stop(app),
    async *logs(app, query) {
      yield* (await others()).apps.logs(app, query);
    },
  };
  return {
    kind: "local",
    environment,
    functions: {
      invoke: (ref, envelope, params) =>
        ref.app === manifest.name
          ? engine.functions.invoke(ref, envelope, params)
          : others().then((backend) => backend.functions.invoke(ref, envelope, params)),
      async *stream(ref, envelope, params) {
        const { functions } = ref.app === manifest.name ? engine : await others();
        return yield* functions.stream(ref, envelope, params);
      },
    },
    calls: callsPort,
    apps,
    async close() {
      // What was never opened is not opened in order to be closed.
      if (durable !== null) await (await durable).close();
      if (deployed !== null) await (await deployed).close();
    },
  };
}
