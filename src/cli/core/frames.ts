import { readFileSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "./package-root.ts";

/** The first line of a stack that is in a user's file, as `charge (shop.ts:12:11)`; paths below the working folder are relative. */
export function firstUserFrame(stack: string | undefined): string | undefined {
  for (const line of stack?.split("\n") ?? []) {
    const frame = /^\s+at (.+)$/.exec(line)?.[1];
    if (frame === undefined || /node:|<anonymous>|[\\/]node_modules[\\/]|^native/.test(frame)) continue;
    if (isOwn(frame)) continue;
    return frame.replace(/(?:file:\/\/)?(\/[^():]+)(?=:\d+:\d+\)?$)/, (path) => shorten(path));
  }
  return undefined;
}

/** A function that rewrites the positions of one bundle in a stack into those of its sources. Reads the map once, when first asked. */
export function createStackMapper(bundleFile: string): (stack: string) => string {
  let map: SourceMap | null | undefined;
  return (stack) => {
    if (!stack.includes(bundleFile)) return stack;
    map ??= readMap(bundleFile);
    if (map === null) return stack;
    const known = map;
    const escaped = bundleFile.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
    return stack.replace(new RegExp(`(?:file://)?${escaped}(?:\\?[^:)]*)?:(\\d+):(\\d+)`, "g"), (whole, line: string, column: string) => {
      const entry = known.findEntry(Number(line) - 1, Number(column) - 1);
      if (!("originalSource" in entry) || entry.originalSource === undefined) return whole;
      const source = entry.originalSource.startsWith("file:") ? fileURLToPath(entry.originalSource) : resolve(dirname(bundleFile), entry.originalSource);
      return `${source}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
    });
  };
}

function readMap(bundleFile: string): SourceMap | null {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${bundleFile}.map`, "utf8")));
  } catch {
    return null;
  }
}

function isOwn(frame: string): boolean {
  return frame.includes(`${packageRoot()}/dist/`) || frame.includes(`${packageRoot()}/src/`);
}

function shorten(path: string): string {
  const plain = path.startsWith("file://") ? path.slice(7) : path;
  const short = relative(process.cwd(), plain);
  return short.startsWith("..") ? plain : short;
}
