import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

let found: string | null = null;

/** The folder of the running copy of Tenon: the one that holds its `package.json` and `dist/`. */
export function tenonDir(): string {
  if (found !== null) return found;
  let dir = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(dir, "package.json")) && dirname(dir) !== dir) dir = dirname(dir);
  found = dir;
  return dir;
}
