import { chmodSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What {@link openModes} sets. It goes into the hash of what is uploaded, since modes do not change a file's bytes. */
export const OPEN_MODES = "644 755";

const OWNER_RUNS = 0o100;

/**
 * Lets every user read what a folder holds: 644 for files, 755 for folders and for files that their owner may run. Lambda
 * runs code as another user, and the umask of this process (077, say) or of a package manager may have kept it to its owner.
 * Links stay as they are.
 */
export function openModes(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const mode = stats.isDirectory() || (stats.mode & OWNER_RUNS) !== 0 ? 0o755 : 0o644;
  if ((stats.mode & 0o777) !== mode) chmodSync(path, mode);
  if (stats.isDirectory()) for (const name of readdirSync(path)) openModes(join(path, name));
}
