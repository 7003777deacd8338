/** What every client of a service has. */
interface Closable {
  /** Closes its sockets. */
  destroy(): void;
}

/** The methods of an API that give items, each marked. One that is not marked does not compile. */
export type StreamsOf<T> = {
  readonly [K in keyof T as T[K] extends (...args: never[]) => AsyncIterable<unknown> ? K : never]: true;
};

/**
 * An API whose client is loaded when the first of its methods is called: a program that never calls one does not load the
 * service's part of the AWS SDK. Every method of `T` must answer by a promise, or by items: `streams` names those.
 */
export function lazyApi<T extends Closable>(load: () => Promise<T>, streams: StreamsOf<T>): T {
  let loading: Promise<T> | undefined;
  const loaded = (): Promise<T> => (loading ??= load());
  const method = (name: string): Method => {
    if (name === "destroy") return () => void loading?.then((api) => api.destroy()).catch(() => undefined);
    if (Object.hasOwn(streams, name))
      return async function* (...args) {
        yield* call(await loaded(), name, args) as AsyncIterable<unknown>;
      };
    return async (...args) => call(await loaded(), name, args);
  };
  const methods = new Map<PropertyKey, Method>();
  return new Proxy({} as T, {
    get(_, name) {
      // An API is no promise, although every other name is a method of it.
      if (typeof name !== "string" || name === "then") return undefined;
      const found = methods.get(name) ?? method(name);
      methods.set(name, found);
      return found;
    },
  });
}

// --- Internal helpers ---

type Method = (...args: unknown[]) => unknown;

function call(api: unknown, name: string, args: readonly unknown[]): unknown {
  return (api as Readonly<Record<string, Method>>)[name]?.(...args);
}
