import type { AppParts } from "./app-parts.ts";
import { KINDS } from "./kinds/index.ts";
import type { AppResources, Variables } from "./kinds/kind.ts";
import { runtimeVariables } from "./runtime-variables.ts";

/** All environment variables of a Function's container: Tenon's own, each kind's, and last the user's. */
export function containerVariables(
  parts: Pick<AppParts, "environment" | "manifest" | "version">,
  fn: string,
  app?: AppResources,
): Variables {
  const { environment, manifest, version } = parts;
  return Object.assign(
    {},
    runtimeVariables(environment, manifest.name, version),
    ...KINDS.map((kind) => kind.variables?.(parts, fn, app)),
    manifest.functions[fn]!.env,
  ) as Variables;
}
