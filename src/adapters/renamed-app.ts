import { APP_PORTS, type AppPorts, type Backend } from "../ports/backend.ts";
import { makePorts, methodOf, type PortMethod } from "../ports/make-port.ts";
import type { Operation } from "../ports/operation.ts";
import { compilePath } from "../util/value-path.ts";

/**
 * A backend in which an App goes by another name: callers that know it by the name in its code reach what is deployed under
 * the other one. Every other App is reached as before, and so are objects.
 */
export function renameApp(backend: Backend, declared: string, deployed: string): Backend {
  const there = (app: unknown): unknown => (app === declared ? deployed : app);
  const here = (app: unknown): unknown => (app === deployed ? declared : app);
  const renamed = makePorts<AppPorts>(APP_PORTS, (port, name, operation) => {
    return renameIn(methodOf(backend[port], name), operation, there, here);
  });
  const { farCaller } = backend.functions;
  return {
    kind: backend.kind,
    environment: backend.environment,
    ...renamed,
    functions: { ...renamed.functions, farCaller },
    objects: backend.objects,
    close: () => backend.close(),
  };
}

// --- Internal helpers ---

type Rename = (app: unknown) => unknown;

/** A method that is asked with one name and answers with the other. */
function renameIn(method: PortMethod, { shape, app }: Operation, there: Rename, here: Rename): PortMethod {
  if (app === undefined) return method;
  const args = app.args === undefined ? undefined : compilePath(app.args);
  const answer = app.answer === undefined ? undefined : compilePath(app.answer);
  const ask = (given: readonly unknown[]): unknown =>
    method(...(args === undefined ? given : (args.map(given, there) as readonly unknown[])));
  if (answer === undefined || shape === "stream") return (...given) => ask(given);
  return async (...given) => answer.map(await ask(given), here);
}
