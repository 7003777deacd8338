import { existsSync, mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { stateFolderError } from "../../model/state-folder.ts";

/** How to find the folder of the local backend's state. */
export interface StateDirParams {
  /** The folder itself, when the caller knows it. */
  readonly stateDir?: string | undefined;
  /** A file or folder to look upward from; default: the working directory. */
  readonly from?: string | undefined;
}

/**
 * The folder of the local backend's state, as an absolute path: `stateDir`, else `TENON_STATE_DIR`, else `.tenon`
 * beside the nearest package.json above `from`, else `.tenon` in the working directory. It need not exist yet.
 */
export function resolveStateDir(params: StateDirParams = {}): string {
  const given = params.stateDir ?? process.env["TENON_STATE_DIR"];
  if (given !== undefined && given !== "") return resolve(given);
  const from = resolve(params.from ?? process.cwd());
  for (let dir = from; ; dir = dirname(dir)) {
    if (existsSync(join(dir, "package.json"))) return join(dir, ".tenon");
    if (dirname(dir) === dir) return resolve(".tenon");
  }
}

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
