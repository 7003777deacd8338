import { UsageError } from "../kit/failures.ts";

/**
 * The App that a file declares: the only one there is, else the only one that the file exports. `tenon deploy`
 * follows the same rule.
 *
 * Throws `UsageError` when there is none, or when several are left.
 */
export function pickApp<A extends { readonly name: string }>(
  apps: readonly A[],
  typed: string,
  exported: Readonly<Record<string, unknown>>,
): A {
  if (apps.length === 0) throw new UsageError(`${typed} declares no App`, { hint: `Add: export const app = new App("name")` });
  if (apps.length === 1) return apps[0]!;
  const outside = new Set(Object.values(exported));
  const left = apps.filter((app) => outside.has(app));
  if (left.length === 1) return left[0]!;
  throw new UsageError(`${typed} declares ${apps.length} Apps: ${apps.map((app) => `"${app.name}"`).join(", ")}`, {
    hint: "Export the one that is meant, and only that one; app.include(other) joins them.",
  });
}
