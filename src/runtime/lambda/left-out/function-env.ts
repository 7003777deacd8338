// Stands in the place of src/model/function-env.ts: a Function's variables were checked when its App was deployed, and are
// set when its container starts.
import type { Replacement } from "./replacement.ts";

/** As in what it stands for. */
export const MAX_ENV_BYTES = 4_096;

/** The variables as they were declared. */
export function resolveFunctionEnv(_what: string, env: unknown): Readonly<Record<string, string>> {
  return { ...(env as Readonly<Record<string, string>> | undefined) };
}

/** Checked against what it stands for. */
export default { MAX_ENV_BYTES, resolveFunctionEnv } satisfies Replacement<typeof import("../../../model/function-env.ts")>;
