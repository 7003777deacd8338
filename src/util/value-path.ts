/** Reads and replaces what lies at a path in plain data. */
export interface PathAccess {
  /** What lies there; of a path with `*`, the first one. `undefined` when nothing does. */
  get(value: unknown): unknown;
  /** The same data with what lies there replaced; what is on the way is copied, the rest is shared. */
  map(value: unknown, replace: (found: unknown) => unknown): unknown;
}

/** Makes the access of a path once: steps divided by dots, `*` for each element of an array, "" for the value itself. */
export function compilePath(path: string): PathAccess {
  if (path === "") return { get: (value) => value, map: (value, replace) => replace(value) };
  const dot = path.indexOf(".");
  const step = dot === -1 ? path : path.slice(0, dot);
  const rest = compilePath(dot === -1 ? "" : path.slice(dot + 1));
  if (step === "*") {
    return {
      get: (value) => (Array.isArray(value) && value.length > 0 ? rest.get(value[0]) : undefined),
      map: (value, replace) => (Array.isArray(value) ? value.map((item: unknown) => rest.map(item, replace)) : value),
    };
  }
  return {
    get: (value) => (isObject(value) ? rest.get(value[step]) : undefined),
    map(value, replace) {
      if (!isObject(value) || value[step] === undefined) return value;
      const replaced = rest.map(value[step], replace);
      if (replaced === value[step]) return value;
      if (!Array.isArray(value)) return { ...value, [step]: replaced };
      const copy: unknown[] = [...(value as readonly unknown[])];
      copy[Number(step)] = replaced;
      return copy;
    },
  };
}

// --- Internal helpers ---

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
