// Stands in the place of src/model/app-options.ts: an App's options were checked when it was deployed.
import type { AppOptions, ResolvedAppOptions } from "../../../model/app-options.ts";
import type { Replacement } from "./replacement.ts";

/** The options as they were declared, every default filled in. */
export function resolveAppOptions(_name: string, options: AppOptions = {}): ResolvedAppOptions {
  const { external = [], files = [], maxCallDepth = 32, tags = {} } = options;
  // Only a process that bundles the App asks for its file, and only its stack for what it says of AWS.
  return { external, files, maxCallDepth, tags, permissions: [], brake: {}, metrics: false, aws: {}, entryFile: null };
}

/** Checked against what it stands for. */
export default { resolveAppOptions } satisfies Replacement<typeof import("../../../model/app-options.ts")>;
