import { logGroup } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { canonicalReach, type Reach, reachOf } from "../../model/reach.ts";
import { shortHash } from "../../util/short-hash.ts";
import { appScope } from "../scope.ts";
import type { Role } from "./kind.ts";

/** A role, and the Functions that share it. */
export interface FunctionRole {
  /** Its id below the App's construct. */
  readonly id: string;
  readonly functions: readonly string[];
  readonly role: Role;
}

/**
 * The roles of an App's Functions: those of equal reach share one. The role of those that may use all that the App names has
 * the same id whatever that is; another one's id follows from its reach.
 */
export function functionRoles(manifest: AppManifest, environment: string): readonly FunctionRole[] {
  const whole = canonicalReach(manifest.objects ?? {});
  const names = Object.keys(manifest.functions);
  // An App without Functions has its role, too: it is the first thing to be there.
  const groups = new Map(names.length === 0 ? [[keyOf(whole), { reach: whole, functions: [] as string[] }]] : []);
  for (const fn of names) {
    const reach = canonicalReach(reachOf(manifest, fn));
    const group = groups.get(keyOf(reach)) ?? { reach, functions: [] };
    group.functions.push(fn);
    groups.set(keyOf(reach), group);
  }
  return [...groups].map(([key, { reach, functions }]) => ({
    id: key === keyOf(whole) ? "Role" : `Role-${shortHash(key)}`,
    functions,
    role: {
      who: whoHas(manifest, functions),
      actor: "function",
      scope: appScope(environment, manifest, reach),
      log: logGroup(environment, manifest.name, "*"),
    },
  }));
}

// --- Internal helpers ---

function keyOf(reach: Reach): string {
  return JSON.stringify(reach);
}

function whoHas(manifest: AppManifest, functions: readonly string[]): string {
  if (functions.length === Object.keys(manifest.functions).length) return `every Function of ${manifest.name} (they share a role)`;
  return functions.length === 1 ? `${functions[0]}` : `${functions.join(", ")} (they share a role)`;
}
