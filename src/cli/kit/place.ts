import { UsageError } from "./failures.ts";
import type { Io } from "./io.ts";

/** Where Apps and objects are: on this machine, or in an AWS account. */
export type BackendKind = "local" | "aws";

/** What a command reads or changes, as precisely as is known. */
export interface Place {
  readonly backend: BackendKind;
  readonly environment: string;
  /** Of AWS: the account's id. */
  readonly account?: string | undefined;
  readonly region?: string | undefined;
  /** The URL of an emulator. */
  readonly endpoint?: string | undefined;
}

/** `environment "dev" on this machine`, or `environment "dev" on AWS (account 123456789012, region eu-west-1)`. */
export function placeText({ backend, environment, account, region, endpoint }: Place): string {
  const name = `environment "${environment}"`;
  if (backend === "local") return `${name} on this machine`;
  const known = [["account", account], ["region", region], ["endpoint", endpoint]].filter(([, value]) => value !== undefined); // prettier-ignore
  return known.length === 0 ? `${name} on AWS` : `${name} on AWS (${known.map((pair) => pair.join(" ")).join(", ")})`;
}

/** Flags that name a backend; a command may have one of them only. */
export interface BackendFlags {
  readonly local?: boolean;
  readonly aws?: boolean;
}

/**
 * The backend that a command touches: the one that a flag names, else `TENON_BACKEND`, else the command's own `usual`.
 *
 * Throws `UsageError` when both flags are given, when nothing names a backend and there is no `usual`, and for another
 * value of `TENON_BACKEND`.
 */
export function chooseBackend(flags: BackendFlags, env: Io["env"], usual?: BackendKind): BackendKind {
  if (flags.local === true && flags.aws === true)
    throw new UsageError("Both --local and --aws are given. A command touches one backend.", { hint: "Leave one of them out." });
  if (flags.local === true) return "local";
  if (flags.aws === true) return "aws";
  const chosen = namedBackend(env) ?? usual;
  if (chosen !== undefined) return chosen;
  throw new UsageError("No backend is named. It is this machine or AWS, and Tenon does not guess.", {
    hint: "Add --local for this machine or --aws for AWS, or set TENON_BACKEND to local or aws.",
  });
}

/** The backend of `TENON_BACKEND`; `undefined` when it is not set. Throws `UsageError` for anything but `local` and `aws`. */
export function namedBackend(env: Io["env"]): BackendKind | undefined {
  const named = env["TENON_BACKEND"];
  if (named === undefined || named === "") return undefined;
  if (named === "local" || named === "aws") return named;
  throw new UsageError(`Unknown backend in TENON_BACKEND: ${JSON.stringify(named)}. It must be "local" or "aws".`, {
    hint: "Set TENON_BACKEND to local for this machine or to aws for AWS, or unset it.",
  });
}
