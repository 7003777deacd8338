import { setImmediate as nextTurn } from "node:timers/promises";
import type { DictEntry } from "../../ports/dict.ts";
import type { RowReader, Rows } from "../../util/rows.ts";
import { valueBytes } from "./errors.ts";
import { DICT_TOUCH_MS, LOCAL_BATCH_BYTES, LOCAL_BATCH_ROWS } from "./limits.ts";
import { deletePair, isLive, isTouchDue, pairPrefix } from "./local-rows.ts";

/** One pair of a page, read as `T`. */
export interface Scanned<T> {
  readonly row: string;
  readonly item: T;
  /** Whether reading its value counts for its expiry. */
  readonly due: boolean;
}

/** The living pairs of a Dict by pages, each read at one moment. */
export async function* pagesOf<T>(
  rows: Rows,
  id: string,
  nowMs: () => number,
  read: (reader: RowReader, row: string, bytes: Buffer) => T,
): AsyncGenerator<readonly Scanned<T>[], void, void> {
  const prefix = pairPrefix(id);
  let after: string | undefined;
  do {
    const now = nowMs();
    const page: Scanned<T>[] = [];
    after = rows.snapshot((reader) => {
      let bytes = 0;
      const found = reader.range<Buffer>(prefix, { after, limit: LOCAL_BATCH_ROWS });
      for (const { key: row, value } of found) {
        if (!isLive(value, now)) continue;
        const item = read(reader, row, value);
        page.push({ row, item, due: isTouchDue(value, now) });
        bytes += value.byteLength + sizeOf(item);
        if (bytes > LOCAL_BATCH_BYTES) return row;
      }
      return found.length < LOCAL_BATCH_ROWS ? undefined : found[found.length - 1]?.key;
    });
    if (page.length > 0) yield page;
  } while (after !== undefined);
}

/** How many pairs of a Dict have not expired, at most `most`. */
export async function countLive(rows: Rows, id: string, now: number, most: number): Promise<number> {
  let count = 0;
  for (let after: string | undefined; ;) {
    const found = rows.range<Buffer>(pairPrefix(id), { after, limit: LOCAL_BATCH_ROWS });
    for (const { value } of found) if (isLive(value, now)) count += 1;
    if (count >= most || found.length < LOCAL_BATCH_ROWS) return Math.min(count, most);
    after = found[found.length - 1]?.key;
    await nextTurn();
  }
}

/** Removes every pair of a Dict, expired ones too. What is put meanwhile may stay. */
export async function purgePairs(
  rows: Rows,
  id: string,
  isDoomed: (bytes: Buffer) => boolean = () => true,
  signal?: AbortSignal,
): Promise<void> {
  for (let after: string | undefined; signal?.aborted !== true;) {
    const found = rows.range<Buffer>(pairPrefix(id), { after, limit: LOCAL_BATCH_ROWS });
    const doomed = found.filter(({ value }) => isDoomed(value));
    if (doomed.length > 0) {
      await rows.transact((tx) => {
        for (const { key } of doomed) {
          const bytes = tx.get<Buffer>(key);
          if (bytes !== undefined && isDoomed(bytes)) deletePair(tx, key, bytes);
        }
      });
    }
    if (found.length < LOCAL_BATCH_ROWS) return;
    after = found[found.length - 1]?.key;
    await nextTurn();
  }
}

/** Removes expired pairs, for all processes together once a day. */
export async function sweepExpired(
  rows: Rows,
  environment: string,
  now: number,
  ids: () => readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const marker = `swept#${environment}#Dict`;
  const isDue = (reader: RowReader): boolean => {
    const last = reader.get<Buffer>(marker);
    return last === undefined || last.readDoubleLE() <= now - DICT_TOUCH_MS;
  };
  if (!isDue(rows)) return;
  const mine = await rows.transact((tx) => {
    if (!isDue(tx)) return false;
    const at = Buffer.alloc(8);
    at.writeDoubleLE(now);
    tx.put(marker, at);
    return true;
  });
  if (!mine) return;
  for (const id of ids()) await purgePairs(rows, id, (bytes) => !isLive(bytes, now), signal);
}

/** Pairs by so many as one transaction takes. */
export function* inBatches(entries: readonly DictEntry[]): Generator<readonly DictEntry[], void, void> {
  let batch: DictEntry[] = [];
  let bytes = 0;
  for (const entry of entries) {
    batch.push(entry);
    bytes += valueBytes(entry.value);
    if (batch.length < LOCAL_BATCH_ROWS && bytes < LOCAL_BATCH_BYTES) continue;
    yield batch;
    batch = [];
    bytes = 0;
  }
  if (batch.length > 0) yield batch;
}

// --- Internal helpers ---

/** Bytes of a pair with its value; a key alone is in the bytes of its row. */
function sizeOf(item: unknown): number {
  return typeof item === "object" && item !== null && "value" in item ? valueBytes((item as DictEntry).value) : 0;
}
