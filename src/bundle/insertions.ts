/** A piece of text that is put into a file. */
export interface Insertion {
  /** Offset in UTF-16 units. */
  readonly at: number;
  /** One line. */
  readonly text: string;
}

/** A file with its insertions. */
export interface EditedSource {
  readonly code: string;
  /** Source map from `code` to the file as it was, as JSON. */
  readonly map: string;
}

/** Puts pieces of text into a file. No line moves; what follows a piece on its line does. */
export function insert(code: string, insertions: readonly Insertion[]): string {
  const sorted = insertions.toSorted((a, b) => a.at - b.at);
  return sorted.map(({ at, text }, i) => code.slice(sorted[i - 1]?.at ?? 0, at) + text).join("") + code.slice(sorted.at(-1)?.at ?? 0);
}

/** Whether anything but brackets and comments follows a piece on its line, so that a stack would name a wrong column. */
export function movesCode(code: string, insertions: readonly Insertion[]): boolean {
  return insertions.some(({ at }) => !/^[\s;,)}\]]*(?:\/\/.*)?$/.test(code.slice(at, lineEnd(code, at))));
}

/** Puts pieces of text into a file and says by a source map where the rest has gone. `path` names the file in the map. */
export async function insertMapped(code: string, insertions: readonly Insertion[], path: string): Promise<EditedSource> {
  const { default: MagicString } = await import("magic-string");
  const text = new MagicString(code);
  for (const insertion of insertions) text.appendLeft(insertion.at, insertion.text);
  return { code: text.toString(), map: text.generateMap({ source: path, hires: "boundary" }).toString() };
}

/** An edited file as one text that esbuild reads with its map. A file that names a map of its own keeps that one. */
export function withInlineMap({ code, map }: EditedSource): string {
  if (/\/[/*][#@]\s*sourceMappingURL=/.test(code)) return code;
  return `${code}\n//# sourceMappingURL=data:application/json;base64,${Buffer.from(map).toString("base64")}\n`;
}

// --- Internal helpers ---

function lineEnd(code: string, from: number): number {
  const end = code.indexOf("\n", from);
  return end < 0 ? code.length : end;
}
