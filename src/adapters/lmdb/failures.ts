import { constants } from "node:os";
import { getSystemErrorName } from "node:util";
import type { RootDatabase } from "lmdb";
import { ExecutionError, ResourceExhaustedError } from "../../model/errors.ts";
import { stateFolderError } from "../../model/state-folder.ts";

const { EIO, ENOSPC, EDQUOT } = constants.errno;
const MDB_MAP_FULL = -30_792;
/** What LMDB answers when there is no more room; EIO is a write that was cut short. */
const FULL = new Set<unknown>([EIO, ENOSPC, EDQUOT, MDB_MAP_FULL]);
/** LMDB tells the reason in the same turn as the failure; this is for one that it never tells. */
const REASON_WITHIN_MS = 1_000;

/**
 * Gives a write that LMDB may refuse, and says in words why it did: `ResourceExhaustedError` when the disk is full,
 * `ExecutionError` when the write failed in another way. What the caller's own code threw stays as it is.
 */
export async function written<T>(folder: string, write: () => PromiseLike<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw await writeError(folder, error);
  }
}

/** Says in words why LMDB could not open the rows of `folder` below the state folder. */
export function openError(stateDir: string, folder: string, error: unknown): unknown {
  const code: unknown = codeOf(error);
  if (FULL.has(code)) return fullDisk(folder, error as Error);
  // LMDB gives the number of a system's error, and not its name.
  if (typeof code !== "number" || code <= 0) return error;
  return stateFolderError(stateDir, Object.assign(error as Error, { code: getSystemErrorName(-code) }));
}

/** LMDB makes a promise for each batch of writes that no one gets; when the batch fails, no one would hear it either. */
export function hearFailedBatches(database: Pick<RootDatabase<unknown, string>, "on" | "committed">): void {
  const hear = (): void => void database.committed.then(ignore, ignore);
  // The promise is made right after this event, before any other code runs.
  (database.on as (event: string, listener: () => void) => void)("beforecommit", () => queueMicrotask(hear));
}

// --- Internal helpers ---

async function writeError(folder: string, error: unknown): Promise<unknown> {
  const reason = (error as { readonly commitError?: unknown } | null)?.commitError;
  const failedCommit = reason instanceof Promise;
  const cause: unknown = failedCommit ? await reasonOf(reason, error) : error;
  if (FULL.has(codeOf(cause))) return fullDisk(folder, cause as Error);
  if (!failedCommit) return error;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new ExecutionError(`Nothing was written to the folder ${JSON.stringify(folder)}: ${why}.`, {
    cause,
    hint: "Check the folder's disk, or set TENON_STATE_DIR to another folder.",
  });
}

function fullDisk(folder: string, cause: Error): ResourceExhaustedError {
  return new ResourceExhaustedError(`Nothing was written to the folder ${JSON.stringify(folder)}: its disk is full (${cause.message}).`, {
    cause,
    hint: "Make room on the disk, or set TENON_STATE_DIR to a folder with room.",
  });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error ? (error as { readonly code?: unknown }).code : undefined;
}

/** What the promise of the reason rejects with; the failure itself when it never does. */
async function reasonOf(reason: Promise<unknown>, failure: unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<unknown>((resolve) => (timer = setTimeout(resolve, REASON_WITHIN_MS, failure)));
  const told = reason.then(
    () => failure,
    (error: unknown) => error,
  );
  return Promise.race([told, late]).finally(() => clearTimeout(timer));
}

function ignore(): void {}
