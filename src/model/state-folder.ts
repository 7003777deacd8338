import { PermissionDeniedError } from "./errors.ts";

/** What the system answers when a folder can't be made or written there, as opposed to a fault of Tenon. */
const REFUSALS = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG", "ENOSPC", "EDQUOT"]);

/** Says in words what a failed write below the state folder means; an error of another kind stays as it is. */
export function stateFolderError(stateDir: string, error: unknown): unknown {
  const { code, syscall } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  // A folder above is missing only when a link leads nowhere: all that are missing are made.
  const leadsNowhere = code === "ENOENT" && syscall === "mkdir";
  if (code === undefined || !(REFUSALS.has(code) || leadsNowhere)) return error;
  const reason = (error as Error).message.split(",")[0];
  return new PermissionDeniedError(`The state folder ${JSON.stringify(stateDir)} can't be written: ${reason}.`, {
    cause: error,
    hint: "Set TENON_STATE_DIR to a folder that you may write to.",
  });
}

/** The folder belongs to another user, who may have put anything into it. */
export function otherUsersFolder(folder: string, owner: number, uid: number): PermissionDeniedError {
  return new PermissionDeniedError(
    `The folder ${JSON.stringify(folder)} belongs to another user: uid ${owner}. Tenon runs what lies in it, so it uses only folders of the user who runs it: uid ${uid}.`,
    { hint: "Set TENON_STATE_DIR to a folder of your own." },
  );
}

/** Others than the owner may write to the folder. */
export function writableFolder(folder: string, mode: number): PermissionDeniedError {
  return new PermissionDeniedError(
    `Other users may write to the folder ${JSON.stringify(folder)}: its mode is ${mode.toString(8)}. Tenon runs what lies in it, so only its owner may write to it.`,
    { hint: "Remove it, or run chmod 700 on it if you know what it holds, or set TENON_STATE_DIR to another folder." },
  );
}
