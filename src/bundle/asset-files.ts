import { relative, resolve, sep } from "node:path";
import { glob } from "tinyglobby";
import { InvalidError } from "../model/errors.ts";

/**
 * Files that the App's `files` globs match, relative to the source root, with `/`, sorted. A folder stands for all
 * that it holds; `!` leaves out. Installed packages, `.git` and Tenon's own state are matched only by a glob that names
 * them. Throws InvalidError for a glob that matches nothing.
 */
export async function listAssets(sourceRoot: string, globs: readonly string[], stateDir: string): Promise<readonly string[]> {
  const wanted = globs.filter((one) => !one.startsWith("!"));
  const unwanted = globs.filter((one) => one.startsWith("!")).map((one) => one.slice(1));
  const state = relative(sourceRoot, resolve(stateDir)).replaceAll(sep, "/");
  const found = new Set<string>();
  for (const pattern of wanted) {
    const ignore = [...unwanted, ...[".git", "node_modules"].filter((name) => !pattern.includes(name)).map((name) => `**/${name}/**`)];
    if (state !== "" && !state.startsWith("..")) ignore.push(`${state}/**`);
    const matches = await glob(pattern, { cwd: sourceRoot, ignore, onlyFiles: true, followSymbolicLinks: false });
    if (matches.length === 0) {
      throw new InvalidError(`The glob ${JSON.stringify(pattern)} matches nothing in ${sourceRoot}.`, {
        hint: "Write globs relative to the folder of the nearest package.json.",
      });
    }
    for (const match of matches) found.add(match);
  }
  return [...found].sort();
}
