import type { GlobalFlags } from "./command.ts";
import { UsageError } from "./failures.ts";
import { readFlags, type TypedFlags } from "./flags.ts";
import type { Io } from "./io.ts";
import { TenonError } from "../../model/errors.ts";
import { defaultEnvironment } from "../../model/environment-name.ts";
import { checkEnvironmentName } from "../../model/names.ts";

/** Tenon's own flags as data. */
export const GLOBAL_FLAGS = {
  json: { type: "boolean", description: "results as JSON lines on stdout; logs, events and errors as JSON lines on stderr" },
  verbose: { type: "boolean", description: "show stacks and every event" },
  env: { type: "text", short: "e", value: "name", description: "the environment (default: TENON_ENVIRONMENT, else dev)" },
} as const;

/** Reads Tenon's own flags. Throws `UsageError` for a name that no environment may have. */
export function readGlobals(typed: TypedFlags, env: Io["env"]): GlobalFlags {
  const { json, verbose, env: given } = readFlags(GLOBAL_FLAGS, typed);
  return { json, verbose, environment: readEnvironment(given, env) };
}

/** Tenon's own flags of a command line that could not be read as a whole. */
export function glance(argv: readonly string[]): Pick<GlobalFlags, "json" | "verbose"> {
  const file = argv.findIndex((word, at) => at > 0 && !word.startsWith("-") && argv.slice(0, at).includes("run"));
  const own = file === -1 ? argv : argv.slice(0, file);
  return { json: own.includes("--json"), verbose: own.includes("--verbose") };
}

// --- Internal helpers ---

function readEnvironment(flag: string | undefined, env: Io["env"]): string {
  try {
    return flag === undefined ? defaultEnvironment(env) : checkEnvironmentName(flag);
  } catch (error) {
    if (!TenonError.is(error)) throw error;
    throw new UsageError(`${flag === undefined ? "TENON_ENVIRONMENT" : "--env"}: ${error.message}`, { hint: error.hint });
  }
}
