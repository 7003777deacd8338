import type { DictPort } from "../../ports/dict.ts";
import { LocalAccess, type LocalDictParams } from "./local-access.ts";
import { createLocalMany } from "./local-many.ts";
import { createLocalPairs } from "./local-pairs.ts";

/** The Dicts of this machine. */
export interface LocalDict extends DictPort {
  /** Waits for what was begun without anyone waiting for it; the rows may be closed after that. */
  close(): Promise<void>;
}

/**
 * Dicts in LMDB, opened by each process that uses them. A read is one snapshot and waits for nobody; a write is one
 * transaction, on disk when it resolves. So a pair is whole whichever process is killed, and `put` with `skipIfExists` and
 * `pop` are exclusive between processes.
 */
export function createLocalDict(params: LocalDictParams): LocalDict {
  const access = new LocalAccess(params);
  return { ...access.objects.port, ...createLocalPairs(access), ...createLocalMany(access), close: () => access.close() };
}
