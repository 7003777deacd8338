import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { tsconfigBases } from "./tsconfig-bases.ts";

const LOCKFILES = ["package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "bun.lockb"];

/** Folder of the nearest package.json at or above a file. The file's own folder when there is none. */
export function findSourceRoot(file: string): string {
  return ancestors(dirname(file)).find((folder) => existsSync(join(folder, "package.json"))) ?? dirname(file);
}

/** A folder and every folder above it, nearest first. */
export function ancestors(folder: string): readonly string[] {
  const found = [folder];
  for (let parent = dirname(folder); parent !== found.at(-1); parent = dirname(parent)) found.push(parent);
  return found;
}

/** Name and folder of the package of a file below a `node_modules`. Undefined for the user's own files. */
export function packageOf(file: string): { readonly name: string; readonly folder: string } | undefined {
  const match = /^(.*[\\/]node_modules[\\/])(@[^\\/]+[\\/][^\\/]+|[^\\/]+)[\\/]/.exec(file);
  if (match === null) return undefined;
  const [, base = "", name = ""] = match;
  return { name: name.replace("\\", "/"), folder: base + name };
}

/** Files outside the module graph that decide what a bundle holds. */
export interface ProjectFiles {
  readonly present: readonly string[];
  /** Files that would count if they came to exist. */
  readonly absent: readonly string[];
}

/**
 * Files that decide how the user's files are compiled and which packages they find: package.json, lockfiles and
 * tsconfig.json in the folders of the sources and above, and what those extend.
 */
export async function projectFiles(sources: readonly string[], sourceRoot: string): Promise<ProjectFiles> {
  const folders = new Set(sources.map((file) => dirname(file)).flatMap(ancestors));
  const wanted = [...folders].flatMap((folder) => [join(folder, "tsconfig.json"), join(folder, "package.json")]);
  const locks = ancestors(sourceRoot).flatMap((folder) => LOCKFILES.map((name) => join(folder, name)));
  const present = [...wanted, ...locks].filter((file) => existsSync(file));
  const bases = await Promise.all(present.filter((file) => file.endsWith("tsconfig.json")).map(tsconfigBases));
  return {
    present: [...new Set([...present, ...bases.flatMap((one) => one.present)])],
    absent: [...new Set([...wanted.filter((file) => !existsSync(file)), ...bases.flatMap((one) => one.absent)])],
  };
}

/** Names of the code files in a folder, as one text. Empty when the folder can't be read. */
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
