import { realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { setSourceRoot } from "./source-root.ts";

/** The two facts that importing a bundle needs. */
export interface ImportableBundle {
  /** Absolute path of app.mjs. */
  readonly appFile: string;
  /** Absolute folder that the user's source files are relative to. */
  readonly sourceRoot: string;
}

/**
 * Imports a bundle, with `import.meta.url`, `dirname` and `filename` of the user's files meaning their sources.
 * The same bundle imported twice is one module. Rejects with whatever the user's module throws.
 */
export async function importBundle(bundle: ImportableBundle): Promise<Readonly<Record<string, unknown>>> {
  // Node names a module by its real path, and the bundle looks its root up by that name.
  const url = pathToFileURL(realpathSync(bundle.appFile)).href;
  setSourceRoot(url, bundle.sourceRoot);
  return (await import(url)) as Readonly<Record<string, unknown>>;
}
