import { PermissionDeniedError } from "../model/errors.ts";
import { OBJECT_KINDS } from "../model/object-kinds.ts";
import type { CodeReach } from "../model/object-use.ts";
import { mayReach } from "../model/reach.ts";
import { OBJECT_PORTS, type ObjectPorts } from "../ports/backend.ts";
import { makePorts, methodOf } from "../ports/make-port.ts";
import type { Operation } from "../ports/operation.ts";
import { compilePath } from "../util/value-path.ts";

/**
 * Named objects as a Function may use them: what its App does not declare is refused with `PermissionDeniedError`, and
 * so is listing, which no role allows. On AWS the role refuses the same; here is said what to add.
 */
export function reachedObjects(objects: ObjectPorts, reachNow: () => CodeReach | undefined): ObjectPorts {
  const known = new Set<string>();
  return makePorts<ObjectPorts>(OBJECT_PORTS, (port, method, operation: Operation) => {
    const call = methodOf(objects[port], method).bind(objects[port]);
    const nameOf = operation.object === undefined ? undefined : compilePath(operation.object).get;
    const refusal = (args: readonly unknown[]): PermissionDeniedError | undefined => {
      const reach = reachNow();
      if (method === "list") return cannotList(port, reach);
      // What makes an object without a name is asked for as those are.
      const name = nameOf === undefined ? "~" : String(nameOf(args));
      const key = `${port}#${name}`;
      if (known.has(key)) return undefined;
      if (!mayReach(reach?.objects ?? {}, port, name)) return beyondReach(port, name, reach);
      known.add(key);
      return undefined;
    };
    if (operation.shape === "stream") {
      return async function* (...args) {
        const refused = refusal(args);
        if (refused !== undefined) throw refused;
        yield* call(...args) as AsyncIterable<unknown>;
      };
    }
    return (...args) => {
      const refused = refusal(args);
      return refused === undefined ? call(...args) : Promise.reject(refused);
    };
  });
}

// --- Internal helpers ---

function beyondReach(port: keyof ObjectPorts, name: string, reach: CodeReach | undefined): PermissionDeniedError {
  const kind = OBJECT_KINDS[port].word;
  const isEphemeral = name.startsWith("~");
  const what = isEphemeral ? `${kind}s without names` : `${kind} "${name}"`;
  const use = isEphemeral ? kind : `${kind}.named("${name}")`;
  const own = reach?.hasOwnUses === true;
  const declared = own ? "its `uses`" : "what its App declares that it uses";
  return new PermissionDeniedError(`${whose(reach)} may not use ${what}: that is not among ${declared}.`, {
    hint: own
      ? `Add it to the Function: app.function("${reach.fn}", { uses: [${use}] }, …).`
      : `Write app.uses(${use})${isEphemeral ? "" : ", or make the handle at module level"}.`,
  });
}

function cannotList(port: keyof ObjectPorts, reach: CodeReach | undefined): PermissionDeniedError {
  const kind = OBJECT_KINDS[port].word;
  return new PermissionDeniedError(`${whose(reach)} may not list ${kind}s: no Function may.`, {
    hint: `Run \`tenon ${port} list\`, or list them in a script, and pass on the names.`,
  });
}

function whose(reach: CodeReach | undefined): string {
  return reach === undefined ? "A Function" : `Function "${reach.fn}" of App "${reach.app}"`;
}
