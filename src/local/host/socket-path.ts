import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureStateFolder, makePrivateFolder } from "../../disk/state-folder.ts";
import { PermissionDeniedError } from "../../model/errors.ts";
import { folderName } from "../../util/folder-name.ts";
import { ownKey } from "../../util/processes.ts";

/** A Unix socket's path, its end byte included, has 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 103;

/**
 * A path for this process's socket, in a folder that only this user can enter: inside the state folder when that is
 * short enough, else in the system's folder for temporary files. Throws `PermissionDeniedError` when that one is not this
 * user's alone.
 */
export function socketPath(stateDir: string, environment: string, app: string): string {
  const name = `${folderName("", [stateDir, environment, app, ownKey()])}.sock`;
  const near = join(ensureStateFolder(stateDir, "run"), name);
  if (Buffer.byteLength(near) <= MAX_SOCKET_PATH_BYTES) return near;
  const folder = join(tmpdir(), `tenon-${process.getuid?.() ?? 0}`);
  try {
    makePrivateFolder(folder);
  } catch (cause) {
    throw new PermissionDeniedError(`The folder ${JSON.stringify(folder)} for sockets is not this user's alone.`, {
      cause,
      hint: "Remove it, or set TENON_STATE_DIR to a folder with a shorter path.",
    });
  }
  return join(folder, name);
}
