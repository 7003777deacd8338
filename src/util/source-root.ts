const ROOTS = Symbol.for("tenon.source-roots.1");

type Roots = Map<string, string>;

/**
 * Says where the sources of a bundle lie, before it is imported: `import.meta.dirname` in the user's files is
 * computed from it. A bundle that nobody announced takes its own folder, as on AWS, where files travel beside it.
 *
 * `appUrl` is the file URL of app.mjs; `sourceRoot` is an absolute folder.
 */
export function setSourceRoot(appUrl: string, sourceRoot: string): void {
  roots().set(appUrl, sourceRoot);
}

/** The folder announced for a bundle by `setSourceRoot`, or undefined. `appUrl` is the file URL of app.mjs. */
export function sourceRootOf(appUrl: string): string | undefined {
  return roots().get(appUrl);
}

// --- Internal helpers ---

// On globalThis, because app.mjs reads it and imports nothing of ours to do so.
function roots(): Roots {
  const holder = globalThis as { [ROOTS]?: Roots };
  return (holder[ROOTS] ??= new Map());
}
