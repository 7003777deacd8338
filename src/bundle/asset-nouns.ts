import type { NounChunks } from "./asset-chunks.ts";

/** What esbuild says that a bundle imports. */
export type BundleImports = readonly { readonly path: string; readonly kind: string }[];

/**
 * The nouns that a bundle imports from `tenon`, sorted, by its text and by what esbuild says that it imports. A bundle that
 * may use any name, since it imports them all together, has all nouns; text that only looks like an import adds some. None
 * that is used is ever missing.
 */
export function usedNouns<N extends string>(
  code: string,
  imports: BundleImports,
  nouns: Readonly<Record<N, Pick<NounChunks, "names">>>,
): readonly N[] {
  const all = (Object.keys(nouns) as N[]).toSorted();
  const ours = imports.filter(({ path }) => path === "tenon");
  // As esbuild writes them: one statement for each import of the sources, at the beginning of a line.
  const named = [...code.matchAll(/^import (?:\{([^}]*)\} from )?"tenon";$/gm)];
  const isWhole =
    /^(?:import \* as |export \* from |import \w)[^\n]*"tenon";$/m.test(code) || ours.some(({ kind }) => kind !== "import-statement");
  if (isWhole || named.length < ours.length) return all;
  const names = new Set(named.flatMap(([, list = ""]) => list.split(",").map((each) => each.trim().split(" as ")[0] ?? "")));
  return all.filter((noun) => nouns[noun].names.some((name) => names.has(name)));
}
