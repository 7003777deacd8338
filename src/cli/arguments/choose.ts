import { TenonError } from "../../model/errors.ts";
import { nearest } from "../../util/nearest.ts";
import { UsageError } from "../kit/failures.ts";

/**
 * The App that a file declares: the only one there is, else the only one that the file exports. `tenon deploy`
 * follows the same rule.
 *
 * Throws `UsageError` when there is none, or when several are left.
 */
export function pickApp<A extends { readonly name: string }>(apps: readonly A[], typed: string, exported: Iterable<unknown>): A {
  if (apps.length === 0) throw noApp(typed);
  if (apps.length === 1) return apps[0]!;
  const outside = new Set(exported);
  const left = apps.filter((app) => outside.has(app));
  if (left.length === 1) return left[0]!;
  throw severalApps(typed, apps.map((app) => `"${app.name}"`).join(", "));
}

/**
 * What {@link pickApp} would have thrown, of the error of a child process that found no App in the file, or several;
 * `undefined` for another error.
 */
export function wrongApps(error: unknown, typed: string): UsageError | undefined {
  const names = TenonError.is(error) ? /^The module must declare one App; it declares (.+)\.$/s.exec(error.message)?.[1] : undefined;
  if (names === undefined) return undefined;
  return names === "none" ? noApp(typed) : severalApps(typed, names);
}

/** What an App offers to `tenon run`. */
export interface Offer {
  readonly app: string;
  readonly entrypoints: readonly string[];
  readonly functions: readonly string[];
}

/** What was chosen of it. */
export interface Choice {
  readonly kind: "entrypoint" | "function";
  readonly name: string;
}

/**
 * Picks what to run. A name means the entrypoint of that name, else the Function. Without one: the only
 * entrypoint, else, when there is none, the only Function.
 *
 * Throws `UsageError` listing the candidates.
 */
export function chooseRunnable(offer: Offer, typed: string, name: string | undefined): Choice {
  const { entrypoints, functions } = offer;
  if (name !== undefined) {
    if (entrypoints.includes(name)) return { kind: "entrypoint", name };
    if (functions.includes(name)) return { kind: "function", name };
    const close = nearest(name, [...entrypoints, ...functions]);
    throw new UsageError(`App "${offer.app}" has no entrypoint or Function of this name: "${name}".`, {
      hint: close === undefined ? candidates(offer, typed) : `Write ${typed}::${close}.`,
    });
  }
  if (entrypoints.length === 1) return { kind: "entrypoint", name: entrypoints[0]! };
  if (entrypoints.length === 0 && functions.length === 1) return { kind: "function", name: functions[0]! };
  if (entrypoints.length + functions.length === 0) {
    throw new UsageError(`App "${offer.app}" declares nothing to run.`, { hint: ADD_SOMETHING });
  }
  const many = entrypoints.length > 0 ? `${entrypoints.length} entrypoints` : `${functions.length} Functions and no entrypoint`;
  throw new UsageError(`App "${offer.app}" has ${many}. The command must name one.`, { hint: candidates(offer, typed) });
}

// --- Internal helpers ---

function noApp(typed: string): UsageError {
  return new UsageError(`No App is declared in ${typed}.`, { hint: 'Add export const app = new App("name").' });
}

function severalApps(typed: string, names: string): UsageError {
  return new UsageError(`Several Apps are declared in ${typed}: ${names}. One must be exported.`, {
    hint: "Export the one to use, and no other, or join them with app.include(other).",
  });
}

const ADD_SOMETHING = 'Add app.localEntrypoint(async () => { … }) or app.function("name", async () => { … }) to the file.';

/** The candidates as they would be typed: `Write one of app.ts::main, app.ts::report.` */
function candidates(offer: Offer, typed: string): string {
  const names = [...new Set([...offer.entrypoints, ...offer.functions])].map((name) => `${typed}::${name}`);
  return names.length === 0 ? ADD_SOMETHING : `Write one of ${names.join(", ")}.`;
}
