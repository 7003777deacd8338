import { ExecutionError } from "../model/errors.ts";
import { OBJECT_PORTS, type ObjectPorts } from "./backend.ts";
import { makePorts } from "./make-port.ts";

/** Ports of named objects that refuse every operation, saying why. */
export function absentObjects(reason: string): ObjectPorts {
  return makePorts<ObjectPorts>(OBJECT_PORTS, (port) => () => {
    throw new ExecutionError(`The kind "${port}" can't be used here: ${reason}.`);
  });
}
