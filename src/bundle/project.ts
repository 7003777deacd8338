import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";

const LOCKFILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/** Folder of the nearest package.json at or above a file; the file's own folder when there is none. */
export function findSourceRoot(file: string): string {
  return ancestors(dirname(file)).find((folder) => existsSync(join(folder, "package.json"))) ?? dirname(file);
}

/** A folder and every folder above it, nearest first. */
export function ancestors(folder: string): readonly string[] {
  const found = [folder];
  for (let parent = dirname(folder); parent !== found.at(-1); parent = dirname(parent)) found.push(parent);
  return found;
}

/** Name and folder of the package that a file below a `node_modules` belongs to; undefined for the user's own files. */
export function packageOf(file: string): { readonly name: string; readonly folder: string } | undefined {
  const match = /^(.*[\\/]node_modules[\\/])(@[^\\/]+[\\/][^\\/]+|[^\\/]+)[\\/]/.exec(file);
  if (match === null) return undefined;
  const [, base = "", name = ""] = match;
  return { name: name.replace("\\", "/"), folder: base + name };
}

/**
 * Files that decide how the user's files are compiled and which packages they find: package.json, lockfiles and
 * tsconfig.json in the folders of the sources and above. Both those that exist and those that would count if they
 * came to exist.
 */
export function projectFiles(
  sources: readonly string[],
  sourceRoot: string,
): { readonly present: readonly string[]; readonly absent: readonly string[] } {
  const folders = new Set(sources.map((file) => dirname(file)).flatMap(ancestors));
  const wanted = [...folders].flatMap((folder) => [join(folder, "tsconfig.json"), join(folder, "package.json")]);
  const locks = ancestors(sourceRoot).flatMap((folder) => LOCKFILES.map((name) => join(folder, name)));
  const all = [...wanted, ...locks];
  const present = all.filter((file) => existsSync(file));
  const bases = present.filter((file) => file.endsWith("tsconfig.json")).flatMap((file) => extendedConfigs(file));
  return { present: [...new Set([...present, ...bases])], absent: wanted.filter((file) => !existsSync(file)) };
}

/** Names of the code files in a folder, as one text; empty when it can't be read. */
export function listCode(folder: string): string {
  try {
    return readdirSync(folder)
      .filter((name) => /\.[cm]?[jt]sx?$/.test(name))
      .sort()
      .join("/");
  } catch {
    return "";
  }
}

// --- Internal helpers ---

function extendedConfigs(file: string, seen: ReadonlySet<string> = new Set()): readonly string[] {
  if (seen.has(file)) return [];
  const clause = /"extends"\s*:\s*(?:"([^"]+)"|\[([^\]]*)\])/.exec(readText(file));
  if (clause === null) return [];
  const names = clause[1] === undefined ? [...(clause[2] ?? "").matchAll(/"([^"]+)"/g)].map((match) => match[1] as string) : [clause[1]];
  const bases = names.map((name) => resolveConfig(file, name)).filter((base) => base !== undefined);
  return bases.flatMap((base) => [base, ...extendedConfigs(base, new Set([...seen, file]))]);
}

function resolveConfig(from: string, name: string): string | undefined {
  const isPath = /^\.{0,2}\//.test(name);
  if (isPath)
    return [resolve(dirname(from), name), resolve(dirname(from), `${name}.json`)].find(
      (file) => file.endsWith(".json") && existsSync(file),
    );
  const require = createRequire(from);
  for (const candidate of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return require.resolve(candidate);
    } catch {
      // The next spelling may be the one.
    }
  }
  return undefined;
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
