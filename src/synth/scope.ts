import type { AppManifest } from "../model/manifest.ts";
import type { Scope } from "./kinds/kind.ts";

/** All of an App. */
export function appScope(environment: string, manifest: AppManifest): Scope {
  return { environment, manifest, functions: Object.keys(manifest.functions), of: ["*"] };
}

/** These Functions of an App, and nothing else of it. */
export function callerScope(environment: string, manifest: AppManifest, functions: readonly string[]): Scope {
  return { environment, manifest, functions, of: functions };
}
