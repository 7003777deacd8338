import { LONGEST_HELD_MS } from "../adapters/functions/limits.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import type { AppManifest } from "../model/manifest.ts";
import { showNumber } from "../util/show-value.ts";

/** Where AWS can't give the meaning that the local backend gives, whatever is asked for. */
export interface Difference {
  readonly what: string;
  /** The Functions that it concerns. */
  readonly functions: readonly string[];
}

const DIFFERENCES: readonly { readonly what: string; readonly concerns: (spec: FunctionSpec) => boolean }[] = [
  {
    what: "a remote or map that is cancelled, or whose caller has gone, runs on to its end or its timeoutMs: Lambda does not tell a function",
    concerns: (spec) => spec.kind === "function" && spec.timeoutMs <= LONGEST_HELD_MS,
  },
  {
    what: `remote and map are spawned, each input with rows of its own: no connection is held for more than ${showNumber(LONGEST_HELD_MS)} ms`,
    concerns: (spec) => spec.kind === "function" && spec.timeoutMs > LONGEST_HELD_MS,
  },
  {
    what: "ending the iteration does not end the generator, which runs on to its end or its timeoutMs: Lambda does not tell a function",
    concerns: (spec) => spec.kind === "generator",
  },
];

/** The differences that concern an App. */
export function differencesOf({ functions }: AppManifest): readonly Difference[] {
  return DIFFERENCES.map(({ what, concerns }) => ({
    what,
    functions: Object.values(functions)
      .filter(concerns)
      .map(({ name }) => name),
  })).filter(({ functions: concerned }) => concerned.length > 0);
}
