import { META_NAME, SOURCE_FN } from "./banner.ts";

/** What esbuild replaces in every file; a file that mentions one of them gets the prelude that gives it a meaning. */
export const SOURCE_DEFINES = {
  "import.meta": META_NAME,
  __dirname: `${META_NAME}.dirname`,
  __filename: `${META_NAME}.filename`,
} as const;

const MENTION = /\bimport\s*\.\s*meta\b|\b__dirname\b|\b__filename\b/;

/**
 * Puts at the start of a file, on its first line of code, what keeps `import.meta`, `__dirname` and `__filename`
 * meaning that file. Returns the text itself when it mentions none. `path` is relative to the source root, with `/`.
 */
export function addSourcePrelude(code: string, path: string): string {
  if (!MENTION.test(code)) return code;
  const at = prologueEnd(code);
  return `${code.slice(0, at)}var ${META_NAME} = ${SOURCE_FN}(${JSON.stringify(path)}); ${code.slice(at)}`;
}

// --- Internal helpers ---

const SKIPPED = /(?:\s+|\/\/.*|\/\*[^]*?\*\/)*/y;
const DIRECTIVE = /(?:"use \w+"|'use \w+')[^\S\n]*(?:;|(?=\n))/y;

/** Offset behind the hashbang and directives such as "use strict", which must stay first. */
function prologueEnd(code: string): number {
  let end = /^\uFEFF?(?:#!.*\n?)?/.exec(code)?.[0].length ?? 0;
  for (;;) {
    SKIPPED.lastIndex = end;
    const skipped = SKIPPED.exec(code)?.[0].length ?? 0;
    DIRECTIVE.lastIndex = end + skipped;
    const directive = DIRECTIVE.exec(code);
    if (directive === null) return end;
    end = DIRECTIVE.lastIndex;
  }
}
