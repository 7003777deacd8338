import type { FunctionRef } from "../model/function-spec.ts";
import type { Backend } from "../ports/backend.ts";

/**
 * A backend in which an App goes by another name: whoever knows it by the name in its code reaches what is deployed under
 * the other one. Every other App is reached as before.
 */
export function renameApp(backend: Backend, declared: string, deployed: string): Backend {
  const { apps, calls, functions } = backend;
  const there = (ref: FunctionRef): FunctionRef => (ref.app === declared ? { ...ref, app: deployed } : ref);
  const here = (ref: FunctionRef): FunctionRef => (ref.app === deployed ? { ...ref, app: declared } : ref);
  const appThere = (app: string): string => (app === declared ? deployed : app);
  return {
    kind: backend.kind,
    environment: backend.environment,
    functions: {
      farCaller: functions.farCaller,
      invoke: (ref, envelope, params) => functions.invoke(there(ref), envelope, params),
      stream: (ref, envelope, params) => functions.stream(there(ref), envelope, params),
    },
    calls: {
      spawn: (ref, envelope) => calls.spawn(there(ref), envelope),
      get: (callId, params) => calls.get(callId, params),
      cancel: (callId, params) => calls.cancel(callId, params),
      async status(callId) {
        const status = await calls.status(callId);
        return { ...status, ref: here(status.ref) };
      },
    },
    apps: {
      async manifest(app) {
        const manifest = await apps.manifest(appThere(app));
        return { ...manifest, name: app };
      },
      list: () => apps.list(),
      stop: (app) => apps.stop(appThere(app)),
      logs: (app, query) => apps.logs(appThere(app), query),
    },
    close: () => backend.close(),
  };
}
