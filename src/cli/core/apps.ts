import type { App } from "../../index.ts";
import { UsageError } from "./failures.ts";

/** What telling Apps apart needs of them. */
export type AppLike = Pick<App, "name" | "entryFile" | "functions" | "entrypoints">;

/**
 * The App that a file declares: the only one that no other has included, else the only one declared by this very
 * file, else the only one that it exports.
 *
 * Throws `UsageError` when there is none, or when several are left.
 */
export function pickApp<A extends AppLike>(
  declared: readonly A[],
  file: string,
  typed: string,
  exported: Readonly<Record<string, unknown>>,
): A {
  const apps = declared.filter((app) => !declared.some((other) => includes(other, app)));
  if (apps.length === 0) throw new UsageError(`${typed} declares no App`, { hint: `Add: export const app = new App("name")` });
  if (apps.length === 1) return apps[0]!;
  const here = apps.filter((app) => app.entryFile === file);
  if (here.length === 1) return here[0]!;
  const left = here.length > 1 ? here : apps;
  const outside = left.filter((app) => Object.values(exported).includes(app));
  if (outside.length === 1) return outside[0]!;
  throw new UsageError(`${typed} declares ${left.length} Apps: ${left.map((app) => `"${app.name}"`).join(", ")}`, {
    hint: "Keep one App per file: app.include(other) joins them, or move the others to files of their own.",
  });
}

/** Whether all that one App declares is held by another, which is how it looks after `other.include(app)`. */
function includes(other: AppLike, app: AppLike): boolean {
  if (other === app || app.functions.size + app.entrypoints.size === 0) return false;
  return (
    [...app.functions].every(([name, handle]) => other.functions.get(name) === handle) &&
    [...app.entrypoints].every(([name, entrypoint]) => other.entrypoints.get(name) === entrypoint)
  );
}
