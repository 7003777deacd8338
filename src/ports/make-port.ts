import { compilePath } from "../util/value-path.ts";
import type { Operation, Operations, OperationsOf } from "./operation.ts";

/** A method of some port: its operation says what it takes and gives. */
export type PortMethod = (...args: readonly unknown[]) => unknown;

/** Operations of several ports, by the ports' names. */
export type PortTables<S> = { readonly [P in keyof S]: OperationsOf<S[P]> };

/** Makes several ports with a method for each operation. `make` is asked once for each. */
export function makePorts<S>(tables: PortTables<S>, make: (port: keyof S & string, method: string, operation: Operation) => PortMethod): S {
  const ports = Object.entries(tables as Readonly<Record<string, Operations>>).map(([port, operations]) => {
    const methods = Object.entries(operations).map(([method, operation]) => [method, make(port as keyof S & string, method, operation)]);
    return [port, Object.fromEntries(methods) as unknown] as const;
  });
  return Object.fromEntries(ports) as S;
}

/**
 * Several ports whose methods are those of other ones, chosen at each call: `choose` is asked once for each operation, and
 * what it gives at each call. A port that comes by a promise is waited for, so that it can be loaded by its first use.
 */
export function routePorts<S>(
  tables: PortTables<S>,
  choose: (port: keyof S & string, operation: Operation) => (args: readonly unknown[]) => S[keyof S] | Promise<S[keyof S]>,
): S {
  return makePorts<S>(tables, (port, method, operation) => routeMethod(method, operation, choose(port, operation)));
}

/** Reads the App that the arguments of an operation name; `undefined` for an operation that names none. */
export function appReader(operation: Operation): (args: readonly unknown[]) => string | undefined {
  const path = operation.app?.args;
  if (path === undefined) return () => undefined;
  const { get } = compilePath(path);
  return (args) => get(args) as string | undefined;
}

/** The method of a port by its name. */
export function methodOf(port: unknown, name: string): PortMethod {
  return (port as Readonly<Record<string, PortMethod>>)[name]!;
}

// --- Internal helpers ---

function routeMethod(name: string, operation: Operation, choose: (args: readonly unknown[]) => unknown): PortMethod {
  if (operation.shape === "stream") {
    return async function* (...args) {
      const items = methodOf(await choose(args), name)(...args);
      return yield* items as AsyncGenerator<unknown, unknown, void>;
    };
  }
  return (...args) => {
    const port = choose(args);
    return port instanceof Promise ? port.then((loaded) => methodOf(loaded, name)(...args)) : methodOf(port, name)(...args);
  };
}
