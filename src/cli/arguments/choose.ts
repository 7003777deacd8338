import { UsageError } from "../kit/failures.ts";
import { nearest } from "../../util/nearest.ts";

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
    throw new UsageError(`the App "${offer.app}" has no entrypoint or Function "${name}"`, {
      hint: close === undefined ? candidates(offer, typed) : `Did you mean ${typed}::${close}?`,
    });
  }
  if (entrypoints.length === 1) return { kind: "entrypoint", name: entrypoints[0]! };
  if (entrypoints.length === 0 && functions.length === 1) return { kind: "function", name: functions[0]! };
  if (entrypoints.length + functions.length === 0) {
    throw new UsageError(`the App "${offer.app}" declares nothing to run`, {
      hint: 'Add app.localEntrypoint({}, async () => { … }) or app.function("name", async () => { … }) to the file.',
    });
  }
  const many = entrypoints.length > 0 ? `${entrypoints.length} entrypoints` : `${functions.length} Functions and no entrypoint`;
  throw new UsageError(`the App "${offer.app}" has ${many}: say which to run`, { hint: candidates(offer, typed) });
}

/** The candidates as they would be typed: `Write one of app.ts::main, app.ts::report.` */
export function candidates(offer: Offer, typed: string): string {
  const names = [...new Set([...offer.entrypoints, ...offer.functions])].map((name) => `${typed}::${name}`);
  return names.length === 0 ? "It declares none." : `Write one of ${names.join(", ")}.`;
}
