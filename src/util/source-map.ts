import { readFileSync, realpathSync } from "node:fs";
import { SourceMap } from "node:module";
import { dirname, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { sourceRootOf } from "./source-root.ts";

/**
 * Makes a function that rewrites the frames of a bundle in a stack to the user's TypeScript files and lines.
 *
 * The map is read at the first stack that has such a frame, once. Frames of other files, and all of them when the
 * map is missing or unreadable, stay as they are; it never throws. `sourceRoot` defaults to the one announced when
 * the bundle was imported, else to the bundle's folder.
 */
export function createStackMapper(appFile: string, mapFile: string, sourceRoot?: string): (stack: string) => string {
  const names = namesOf(appFile);
  let lookup: Lookup | undefined;
  return (stack) => {
    if (!names.some((name) => stack.includes(name))) return stack;
    lookup ??= readLookup(mapFile, sourceRoot ?? announcedRoot(names) ?? dirname(appFile));
    return stack
      .split("\n")
      .map((line) => mapLine(line, names, lookup as Lookup))
      .join("\n");
  };
}

// --- Internal helpers ---

type Lookup = (line: number, column: number) => string | undefined;

// A frame names a module by URL, a CommonJS caller by path; the folder may be reached through a symbolic link.
function namesOf(appFile: string): readonly string[] {
  let real = appFile;
  try {
    real = realpathSync(appFile);
  } catch {
    // Gone since it was loaded: the given name is all there is.
  }
  return [...new Set([pathToFileURL(real).href, pathToFileURL(appFile).href, real, appFile])];
}

function announcedRoot(names: readonly string[]): string | undefined {
  return names.map(sourceRootOf).find((root) => root !== undefined);
}

function readLookup(mapFile: string, sourceRoot: string): Lookup {
  let map: SourceMap;
  try {
    map = new SourceMap(JSON.parse(readFileSync(mapFile, "utf8")) as ConstructorParameters<typeof SourceMap>[0]);
  } catch {
    return () => undefined;
  }
  return (line, column) => {
    const entry = map.findEntry(line - 1, column - 1);
    if (!("originalSource" in entry) || entry.originalSource === undefined) return undefined;
    const source = entry.originalSource;
    const file = source.startsWith("file:") ? fileURLToPath(source) : resolve(sourceRoot, decodeURI(source));
    return `${file}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  };
}

function mapLine(line: string, names: readonly string[], lookup: Lookup): string {
  for (const name of names) {
    const start = line.indexOf(`${name}:`);
    if (start < 0) continue;
    const position = /^:(\d+):(\d+)/.exec(line.slice(start + name.length));
    if (position === null) continue;
    const mapped = lookup(Number(position[1]), Number(position[2]));
    if (mapped === undefined) return line;
    return line.slice(0, start) + mapped + line.slice(start + name.length + position[0].length);
  }
  return line;
}
