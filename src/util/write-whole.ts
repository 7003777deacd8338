import { closeSync, fsyncSync, lstatSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";

/** How the names of unfinished things begin, so that what a killed process has left can be found and removed. */
export const UNFINISHED = ".tmp-";

/** How a finished thing takes its place. */
export interface WholeParams {
  /**
   * Whether a whole one lies in its place already: then it stays, and what was made is dropped. @default - what lies there
   * is replaced
   */
  readonly isThere?: (() => boolean) | undefined;
  /** Puts its bytes on disk before it takes its place, for what must outlive a power failure. @default false */
  readonly durable?: boolean | undefined;
}

/**
 * Makes a file, a link or a folder so that no half of it is ever seen in its place: `make` writes it under another name in
 * the same folder, and then it is renamed. Says whether it was. After a failure nothing is left under the other name.
 *
 * Several processes may do this at once; with `isThere` the first one wins, without it the last one.
 */
export function writeWhole(path: string, make: (temporary: string) => void, params: WholeParams = {}): boolean {
  const temporary = besideOf(path);
  try {
    make(temporary);
    return moveInto(path, temporary, params);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

/** Like {@link writeWhole}, with a `make` that is awaited. */
export async function writeWholeAsync(
  path: string,
  make: (temporary: string) => Promise<void>,
  params: WholeParams = {},
): Promise<boolean> {
  const temporary = besideOf(path);
  try {
    await make(temporary);
    return moveInto(path, temporary, params);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}

// --- Internal helpers ---

/** What the system says when something lies in the place that a rename does not replace. */
const IN_THE_WAY = new Set(["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR"]);

function besideOf(path: string): string {
  return join(dirname(path), `${UNFINISHED}${process.pid}-${Math.random().toString(36).slice(2)}`);
}

function moveInto(path: string, temporary: string, { isThere, durable = false }: WholeParams): boolean {
  if (isThere?.() === true) return false;
  if (durable) flushTree(temporary);
  try {
    renameSync(temporary, path);
  } catch (error) {
    // Another process was first.
    if (isThere?.() === true) return false;
    if (!IN_THE_WAY.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
    // What lies there is damaged, or of another kind.
    rmSync(path, { recursive: true, force: true });
    renameSync(temporary, path);
  }
  if (durable) flush(dirname(path));
  return true;
}

/** Flushes what a folder holds before the folder itself. Links have no bytes of their own. */
function flushTree(path: string): void {
  const stats = lstatSync(path);
  if (stats.isDirectory()) for (const name of readdirSync(path)) flushTree(join(path, name));
  if (stats.isDirectory() || stats.isFile()) flush(path);
}

function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
