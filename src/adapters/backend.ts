import { checkAwsEnvironment } from "../model/aws-environment.ts";
import { APP_PORTS, type AppPorts, type Backend, OBJECT_PORTS, type ObjectPorts } from "../ports/backend.ts";
import type { FarCallerLimits } from "../ports/functions.ts";
import { routePorts } from "../ports/make-port.ts";
import type { AwsBackendOptions, AwsPorts } from "./aws-ports.ts";
import { CONTAINER_MAP_WINDOW, FIRST_MAP_WINDOW, LONGEST_HELD_MS, REFUSED_MS, UNSTARTED_MS } from "./functions/limits.ts";

const FAR_CALLER: FarCallerLimits = {
  longestHeldMs: LONGEST_HELD_MS,
  firstWindow: FIRST_MAP_WINDOW,
  containerWindow: CONTAINER_MAP_WINDOW,
  refusedMs: REFUSED_MS,
  unstartedMs: UNSTARTED_MS,
};

/**
 * One environment on AWS, seen by a caller. Nothing is loaded or asked before the first operation.
 *
 * Throws `InvalidError` for the name of an environment that AWS can't have.
 */
export function createAwsBackend(options: AwsBackendOptions): Backend {
  const environment = checkAwsEnvironment(options.environment);
  let loading: Promise<AwsPorts> | undefined;
  const load = (): Promise<AwsPorts> =>
    (loading ??= import("./aws-ports.ts").then(({ createAwsPorts }) => createAwsPorts({ ...options, environment })));
  const ports = routePorts<AppPorts>(APP_PORTS, (port) => async () => (await load())[port]);
  return {
    kind: "aws",
    environment,
    ...ports,
    functions: { ...ports.functions, farCaller: FAR_CALLER },
    objects: routePorts<ObjectPorts>(OBJECT_PORTS, (port) => async () => (await load()).objects[port]),
    // Also one that was never used refuses from now on.
    close: async () => (await load()).close(),
  };
}
