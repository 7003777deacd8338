import { PermissionDeniedError } from "./errors.ts";

/** What the system answers when a folder can't be made or written there, as opposed to a fault of Tenon. */
const REFUSALS = new Set(["EACCES", "EPERM", "EROFS", "ENOTDIR", "EEXIST", "ELOOP", "ENAMETOOLONG", "ENOSPC", "EDQUOT"]);

/** Says in words what a failed write below the state folder means; an error of another kind stays as it is. */
export function stateFolderError(stateDir: string, error: unknown): unknown {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  if (code === undefined || !REFUSALS.has(code)) return error;
  const reason = (error as Error).message.split(",")[0];
  return new PermissionDeniedError(`The state folder ${JSON.stringify(stateDir)} can't be written: ${reason}.`, {
    cause: error,
    hint: "Set TENON_STATE_DIR to a folder that you may write to.",
  });
}
