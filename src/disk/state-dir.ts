import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";

/** How to find the folder of the local backend's state. */
export interface StateDirParams {
  /** The folder itself, when the caller knows it. */
  readonly stateDir?: string | undefined;
  /** The file or folder at which the search begins, which goes up from there. @default the working directory */
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
