// Stands in the place of src/model/permissions.ts: permissions were checked when the App was deployed, and are its roles'.
import type { Permission } from "../../../model/permissions.ts";
import type { Replacement } from "./replacement.ts";

/** The permissions as they were declared. */
export function resolvePermissions(_what: string, permissions: unknown): readonly Permission[] {
  return (permissions as readonly Permission[] | undefined) ?? [];
}

/** No container makes a role. */
export const canonicalPermissions = (permissions: readonly Permission[]): readonly Permission[] => permissions;

/** No container reads a resource. */
export const withoutPseudoParameters = (text: string): string => text;

/** Checked against what it stands for. */
export default { resolvePermissions, canonicalPermissions, withoutPseudoParameters } satisfies Replacement<
  typeof import("../../../model/permissions.ts")
>;
