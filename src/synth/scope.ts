import type { AppManifest } from "../model/manifest.ts";
import type { Reach } from "../model/reach.ts";
import type { Scope } from "./kinds/kind.ts";

/** All of an App, and objects of the environment. */
export function appScope(environment: string, manifest: AppManifest, reach: Reach = {}): Scope {
  return { environment, manifest, functions: Object.keys(manifest.functions), of: ["*"], reach };
}

/** These Functions of an App, and nothing else of it. */
export function callerScope(environment: string, manifest: AppManifest, functions: readonly string[]): Scope {
  return { environment, manifest, functions, of: functions, reach: {} };
}
