import type { LocalObjects } from "../../adapters/local-objects.ts";
import { OBJECT_PORTS, type ObjectPorts } from "../../ports/backend.ts";
import { routePorts } from "../../ports/make-port.ts";

/** The named objects of this machine, opened by this container itself when it first uses one: no frame goes to the host and back. */
export function ownObjects(params: { readonly stateDir: string; readonly environment: string }): ObjectPorts {
  let opened: LocalObjects | undefined;
  let opening: Promise<LocalObjects> | undefined;
  const open = (): Promise<LocalObjects> =>
    (opening ??= import("../../adapters/local-objects.ts").then(({ openLocalObjects }) => (opened = openLocalObjects(params))));
  return routePorts<ObjectPorts>(
    OBJECT_PORTS,
    (port) => () => (opened === undefined ? open().then(({ ports }) => ports[port]) : opened.ports[port]),
  );
}
