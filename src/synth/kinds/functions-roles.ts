import { logGroup } from "../../model/aws-names.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { canonicalPermissions, type Permission } from "../../model/permissions.ts";
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
 * The roles of an App's Functions: those of equal reach and equal permissions share one. The role of those that may use all that the App names has
 * the same id whatever that is; another one's id follows from its reach.
 */
export function functionRoles(manifest: AppManifest, environment: string): readonly FunctionRole[] {
  const whole = canonicalReach(manifest.objects ?? {});
  const names = Object.keys(manifest.functions);
  // An App without Functions has its role, too: it is the first thing to be there.
  const groups = new Map<string, Group>(names.length === 0 ? [[keyOf(whole), { reach: whole, own: [], functions: [] }]] : []);
  for (const fn of names) {
    const reach = canonicalReach(reachOf(manifest, fn));
    const own = canonicalPermissions(manifest.functions[fn]!.permissions ?? []);
    const key = keyOf(reach, own);
    const group = groups.get(key) ?? { reach, own, functions: [] };
    group.functions.push(fn);
    groups.set(key, group);
  }
  return [...groups].map(([key, { reach, own, functions }]) => ({
    id: key === keyOf(whole) ? "Role" : `Role-${shortHash(key)}`,
    functions,
    role: {
      who: whoHas(manifest, functions),
      actor: "function",
      scope: appScope(environment, manifest, reach),
      log: logGroup(environment, manifest.name, "*"),
      permissions: [...(manifest.permissions ?? []), ...own],
    },
  }));
}

// --- Internal helpers ---

interface Group {
  readonly reach: Reach;
  /** Permissions of the Functions' own; those of the App are everyone's. */
  readonly own: readonly Permission[];
  readonly functions: string[];
}

function keyOf(reach: Reach, own: readonly Permission[] = []): string {
  return JSON.stringify(own.length === 0 ? reach : [reach, own]);
}

function whoHas(manifest: AppManifest, functions: readonly string[]): string {
  if (functions.length === Object.keys(manifest.functions).length) return `every Function of ${manifest.name} (they share a role)`;
  return functions.length === 1 ? `${functions[0]}` : `${functions.join(", ")} (they share a role)`;
}
