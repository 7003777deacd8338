import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stateFolderError } from "../../model/state-folder.ts";

/**
 * Makes the state folder and one folder inside it, readable by this user alone and ignored by git; gives the
 * inner folder's real path. Throws `PermissionDeniedError` when the folder can't be made.
 */
export function ensureStateFolder(stateDir: string, ...inside: readonly string[]): string {
  try {
    if (!existsSync(stateDir)) {
      mkdirSync(stateDir, { recursive: true, mode: 0o700 });
      writeFileSync(join(stateDir, ".gitignore"), "*\n");
    }
    const folder = join(stateDir, ...inside);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return realpathSync(folder);
  } catch (error) {
    throw stateFolderError(stateDir, error);
  }
}
