import { chmodSync, lstatSync, mkdirSync, realpathSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { otherUsersFolder, stateFolderError, writableFolder } from "../model/state-folder.ts";

/** Anyone but the owner may write. */
const OTHERS_WRITE = 0o022;
/** Anyone but the owner may do anything. */
const OTHERS = 0o077;

/**
 * The way to every folder of the state: makes the state folder and one folder inside it, readable by this user alone and
 * ignored by git, and gives the inner folder's real path. A state folder that is there already is made so too.
 *
 * What lies in it is run. Throws `PermissionDeniedError` for a state folder that belongs to another user or that others may
 * write to, and when a folder can't be made.
 */
export function ensureStateFolder(stateDir: string, ...inside: readonly string[]): string {
  try {
    makePrivateFolder(stateDir);
    unlessReadOnly(() => writeIfMissing(join(stateDir, ".gitignore"), "*\n"));
    const folder = join(stateDir, ...inside);
    if (inside.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
    return realpathSync(folder);
  } catch (error) {
    throw stateFolderError(stateDir, error);
  }
}

/**
 * Makes a folder that only this user can enter, or makes one so that is there already. Throws `PermissionDeniedError` for
 * one that belongs to another user, or that others may have written to.
 */
export function makePrivateFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const uid = process.getuid?.();
  const { mode, uid: owner } = statSync(folder);
  // A link is as good as what its owner makes of it.
  for (const one of [owner, lstatSync(folder).uid]) {
    if (uid !== undefined && one !== uid) throw otherUsersFolder(folder, one, uid);
  }
  if (uid !== undefined && (mode & OTHERS_WRITE) !== 0) throw writableFolder(folder, mode & 0o777);
  if ((mode & OTHERS) !== 0) unlessReadOnly(() => chmodSync(folder, 0o700));
}

// --- Internal helpers ---

function writeIfMissing(file: string, text: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) return;
  try {
    writeFileSync(file, text, { flag: "wx" });
  } catch (error) {
    // Another process was first.
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

/** A state folder on a file system that can't be written serves those who only read it. */
function unlessReadOnly(write: () => void): void {
  try {
    write();
  } catch (error) {
    if (codeOf(error) !== "EROFS") throw error;
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
