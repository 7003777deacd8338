import { CIRCLES } from "./layers.ts";
import type { Finding, Source } from "./source.ts";

/**
 * Groups of files that import each other, each named by a way round it. Imports of types and lazy ones count: a reader has to
 * follow them too. The groups of {@link CIRCLES} are allowed, and no file more in them.
 */
export function importCircles(files: readonly Source[]): readonly Finding[] {
  const known = new Set(files.map((file) => file.path));
  const graph = new Map(
    files.map(({ path, imports }) => [path, imports.flatMap(({ target }) => (known.has(target ?? "") ? [target ?? ""] : []))]),
  );
  return [...graph.keys()]
    .flatMap((path) => {
      const way = shortestWay(graph, path, path);
      // Each circle is told once, from the first of its files.
      return way === undefined || way.some((other) => other < path) ? [] : [way];
    })
    .filter((way) => !CIRCLES.some((allowed) => way.every((path) => allowed.files.includes(path))))
    .map((way) => [...way, way[0]].join(" → "));
}

/** Allowed circles that are there no more. */
export function staleCircles(files: readonly Source[]): readonly Finding[] {
  const paths = new Set(files.map((file) => file.path));
  return CIRCLES.flatMap(({ files: circle }) => circle.filter((path) => !paths.has(path)));
}

/** The files on the shortest way from one file to another, the last left out; `undefined` without a way. */
function shortestWay(graph: ReadonlyMap<string, readonly string[]>, from: string, to: string): readonly string[] | undefined {
  const before = new Map<string, string>();
  const open = [from];
  for (const path of open) {
    for (const next of graph.get(path) ?? []) {
      if (next === to) {
        const way = [path];
        while (way[0] !== from) way.unshift(before.get(way[0] ?? "") ?? from);
        return way;
      }
      if (before.has(next) || next === from) continue;
      before.set(next, path);
      open.push(next);
    }
  }
  return undefined;
}
