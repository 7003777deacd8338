import type { Insertion } from "./insertions.ts";
import { META_NAME, SOURCE_FN } from "./banner.ts";

/** What esbuild replaces in every file. A file that mentions one of them gets the prelude that gives it a meaning. */
export const SOURCE_DEFINES = {
  "import.meta": META_NAME,
  __dirname: `${META_NAME}.dirname`,
  __filename: `${META_NAME}.filename`,
} as const;

const MENTION = /\bimport\s*\.\s*meta\b|\b__dirname\b|\b__filename\b/;

/**
 * What keeps `import.meta`, `__dirname` and `__filename` meaning a file: an insertion in its first line, or nothing when it
 * mentions none of them. `path` is relative to the source root, with `/`.
 */
export function sourcePrelude(code: string, path: string): readonly Insertion[] {
  if (!MENTION.test(code)) return [];
  // A hashbang must stay first. A directive need not: a module is strict by itself.
  const at = /^\uFEFF?(?:#!.*\n?)?/.exec(code)?.[0].length ?? 0;
  return [{ at, text: `var ${META_NAME} = ${SOURCE_FN}(${JSON.stringify(path)}); ` }];
}
