import { readFileSync } from "node:fs";

/** What decides what a tsconfig.json inherits. */
export interface TsconfigBases {
  /** Files that were read for it, itself included. */
  readonly present: readonly string[];
  /** Files that were looked for in vain: it would inherit from them. */
  readonly absent: readonly string[];
}

/**
 * The files that a tsconfig.json extends, directly or through others, found as TypeScript finds them. The library for it
 * loads only for one that extends something. Never throws: esbuild reports what is wrong.
 */
export async function tsconfigBases(file: string): Promise<TsconfigBases> {
  if (!readText(file).includes('"extends"')) return { present: [file], absent: [] };
  const { parseTsconfig } = await import("get-tsconfig");
  // The library keeps what it has asked the file system by `<call>:<path>`; no other answer of it names the bases.
  const asked = new Map<string, unknown>();
  try {
    parseTsconfig(file, asked as Map<string, string>);
  } catch {
    // A base is missing or extends itself. What was asked until then counts.
  }
  const paths = (call: string, wanted: (answer: unknown) => boolean): readonly string[] =>
    [...asked].flatMap(([key, answer]) =>
      key.startsWith(`${call}:`) && wanted(answer) ? [key.slice(call.length + 1).replace(/:utf8$/, "")] : [],
    );
  return { present: paths("readFileSync", () => true), absent: paths("existsSync", (answer) => answer === false) };
}

// --- Internal helpers ---

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
