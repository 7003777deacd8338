import { InvalidError, VersionError } from "../model/errors.ts";
import { APP_PORTS, OBJECT_PORTS, OPERATIONS_VERSION } from "../ports/backend.ts";
import type { Operation, Operations } from "../ports/operation.ts";

/** Which operation a request asks for, in whose name, and what it gives along. */
export interface RequestHead {
  readonly operation: NamedOperation;
  /** The input that asks. */
  readonly parent: string | undefined;
  readonly rest: string;
}

/** An operation with the names of its port and method: `dict` and `get` of `dict.get`. */
export interface NamedOperation extends Operation {
  readonly port: string;
  readonly method: string;
  /** Whether the port is one of named objects. */
  readonly ofObjects: boolean;
}

/** Every operation by its full name, such as `dict.get`. */
export const OPERATIONS: ReadonlyMap<string, NamedOperation> = new Map([...named(APP_PORTS, false), ...named(OBJECT_PORTS, true)]);

/** Writes the head of a request: one line that says what is asked, then what goes with it. */
export function requestHead(name: string, parent: string | undefined, rest: string): string {
  return `${OPERATIONS_VERSION} ${name} ${parent ?? ""}\n${rest}`;
}

/**
 * Reads what {@link requestHead} wrote.
 *
 * @throws VersionError when the other end speaks another version of the operations.
 * @throws InvalidError for an operation that this version does not know, by its name.
 */
export function readRequestHead(head: string): RequestHead {
  const line = head.indexOf("\n");
  const [version = "", name = "", parent = ""] = head.slice(0, Math.max(line, 0)).split(" ", 3);
  if (version !== String(OPERATIONS_VERSION)) {
    throw new VersionError(`A request of version "${version}" arrived: this Tenon speaks version ${OPERATIONS_VERSION}.`, {
      hint: "Run the same version of Tenon at both ends.",
    });
  }
  const operation = OPERATIONS.get(name);
  if (operation === undefined) {
    throw new InvalidError(`The operation "${name}" is unknown to this version of Tenon.`, {
      hint: "Run the same version of Tenon at both ends.",
    });
  }
  return { operation, parent: parent === "" ? undefined : parent, rest: head.slice(line + 1) };
}

// --- Internal helpers ---

function named(tables: Readonly<Record<string, Operations>>, ofObjects: boolean): readonly (readonly [string, NamedOperation])[] {
  return Object.entries(tables).flatMap(([port, operations]) =>
    Object.entries(operations).map(([method, operation]) => [`${port}.${method}`, { ...operation, port, method, ofObjects }] as const),
  );
}
