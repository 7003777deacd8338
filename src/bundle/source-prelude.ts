import { META_NAME, SOURCE_FN } from "./banner.ts";

/** What esbuild replaces in every file; a file that mentions one of them gets the prelude that gives it a meaning. */
export const SOURCE_DEFINES = {
  "import.meta": META_NAME,
  __dirname: `${META_NAME}.dirname`,
  __filename: `${META_NAME}.filename`,
} as const;

const MENTION = /\bimport\s*\.\s*meta\b|\b__dirname\b|\b__filename\b/;

/**
 * Puts at the start of a file, on its first line, what keeps `import.meta`, `__dirname` and `__filename`
 * meaning that file. Returns the text itself when it mentions none. `path` is relative to the source root, with `/`.
 */
export function addSourcePrelude(code: string, path: string): string {
  if (!MENTION.test(code)) return code;
  // A hashbang must stay first; a directive need not, a module is strict by itself.
  const at = /^\uFEFF?(?:#!.*\n?)?/.exec(code)?.[0].length ?? 0;
  return `${code.slice(0, at)}var ${META_NAME} = ${SOURCE_FN}(${JSON.stringify(path)}); ${code.slice(at)}`;
}
