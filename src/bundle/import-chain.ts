import type { Metafile } from "esbuild";

/**
 * The files by which an App imports a package: from its entry to the file that names the package, each relative to the
 * source root. Empty when nothing imports it.
 */
export function importChain({ inputs }: Metafile, entry: string, link: string): readonly string[] {
  const from = new Map<string, string | null>([[entry, null]]);
  for (const path of from.keys()) {
    for (const { path: target, external } of inputs[path]?.imports ?? []) {
      if (external === true && (target === link || target.startsWith(`${link}/`))) return pathTo(from, path);
      if (external !== true && !from.has(target)) from.set(target, path);
    }
  }
  return [];
}

// --- Internal helpers ---

function pathTo(from: ReadonlyMap<string, string | null>, end: string): readonly string[] {
  const chain: string[] = [];
  for (let path: string | null | undefined = end; typeof path === "string"; path = from.get(path)) chain.unshift(path);
  return chain;
}
