import { inspect } from "node:util";

/** A step of a path: a property, an index, the value of a Map's key, or a step spelled out. */
export type Step = string | number | { readonly mapKey: unknown } | { readonly step: string };

/** The whole path, or its two ends when it is thousands of levels long. */
export function shortPath(root: string, keys: readonly Step[]): string {
  const shown = (some: readonly Step[]): string => some.map(show).join("");
  return keys.length <= 40 ? root + shown(keys) : `${root}${shown(keys.slice(0, 10))}…${shown(keys.slice(-10))}`;
}

// --- Internal helpers ---

function show(key: Step): string {
  if (typeof key === "number") return `[${key}]`;
  if (typeof key === "object") return "step" in key ? key.step : `.get(${mapKey(key.mapKey)})`;
  return /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

function mapKey(key: unknown): string {
  if (typeof key === "string") return JSON.stringify(key);
  return typeof key === "object" || typeof key === "function" ? "…" : inspect(key);
}
