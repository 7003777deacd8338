import { checkEnvironmentName } from "./names.ts";

/** The environment of a program that names none. */
const DEFAULT_ENVIRONMENT = "dev";

/**
 * The environment that a process works in when the code names none: `TENON_ENVIRONMENT`, or `dev` when the variable is
 * absent or empty. `variables` is `process.env`. Throws `InvalidError` for a variable that is no environment's name.
 */
export function defaultEnvironment(variables: Readonly<Record<string, string | undefined>>): string {
  return checkEnvironmentName(variables["TENON_ENVIRONMENT"] || DEFAULT_ENVIRONMENT);
}
