import { setImmediate as nextTurn } from "node:timers/promises";
import type { EncodedValue } from "../../model/encoded.ts";
import type { DictEntry, DictKey, DictPort } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";
import { createLocalObjects } from "../lmdb/named-objects.ts";
import { checkPair, checkUpdate } from "./errors.ts";
import { MAX_LEN } from "./limits.ts";
import { countLive, inBatches, pagesOf, purgePairs, sweepExpired } from "./local-scan.ts";
import {
  deletePair,
  entryOf,
  isLive,
  isTouchDue,
  keyOf,
  pairRow,
  pairRows,
  type PairRows,
  touchPair,
  valueOf,
  writePair,
} from "./local-rows.ts";

/** Reads that one turn of the event loop takes at most. */
const READS_BY_TURN = 100;

/** What the Dicts of one environment stand on. */
export interface LocalDictParams {
  /** The rows of `openObjects`; asked for by the first operation. */
  readonly rows: () => Promise<Rows>;
  readonly environment: string;
  /** The clock, epoch milliseconds. @default Date.now */
  readonly nowMs?: (() => number) | undefined;
}

/** The Dicts of this machine. */
export interface LocalDict extends DictPort {
  /** Waits for what was begun without anyone waiting for it; the rows may be closed after that. */
  close(): Promise<void>;
}

/**
 * Dicts in LMDB, opened by each process that uses them. A read is one snapshot and waits for nobody; a write is one
 * transaction, on disk when it resolves. So a pair is whole whoever is killed, and `put` with `skipIfExists` and `pop` are
 * exclusive between processes.
 */
export function createLocalDict({ rows: open, environment, nowMs = Date.now }: LocalDictParams): LocalDict {
  let opened: Rows | undefined;
  let opening: Promise<Rows> | undefined;
  const asides = new Set<Promise<unknown>>();
  const closing = new AbortController();
  let used = 0;

  const objects = createLocalObjects({ kind: "Dict", prefix: "di", environment, nowMs, rows: () => use(), purge: purgePairs });

  /** The rows; the first who asks for them also tidies up. */
  const ready = (): Promise<Rows> =>
    (opening ??= open().then(
      (rows) => {
        opened = rows;
        aside(sweep(rows));
        return rows;
      },
      (error: unknown) => {
        // The next operation tries again.
        opening = undefined;
        throw error;
      },
    ));

  const sweep = async (rows: Rows): Promise<void> => {
    await objects.sweep(rows);
    await sweepExpired(rows, environment, nowMs(), () => objects.ids(rows), closing.signal);
  };

  /**
   * The rows for one more operation. Reads wait for nothing, so that a program that polls would never let its timers and
   * sockets have a turn: every now and then they get one.
   */
  const use = async (): Promise<Rows> => {
    if (++used % READS_BY_TURN === 0) await nextTurn();
    return opened ?? ready();
  };

  /** Work that nobody waits for, and whose failure changes no answer. */
  const aside = (work: Promise<unknown>): void => {
    const ended = work.catch(() => {}).finally(() => asides.delete(ended));
    asides.add(ended);
  };

  /** The row of a pair that is there. Without one, the Dict itself may be gone. */
  const live = (rows: RowReader, dict: ObjectRef, row: string, now: number): Buffer | undefined => {
    const bytes = rows.get<Buffer>(row);
    if (bytes === undefined) objects.need(rows, dict);
    return bytes !== undefined && isLive(bytes, now) ? bytes : undefined;
  };

  const touch = (rows: Rows, due: readonly string[]): void => {
    const now = nowMs();
    aside(rows.transact((tx) => due.forEach((row) => touchPair(tx, row, now))));
  };

  const write = (tx: RowWriter, dict: ObjectRef, pair: PairRows, now: number): void => {
    const before = tx.get<Buffer>(pair.row);
    if (before === undefined) objects.need(tx, dict);
    writePair(tx, pair, before, now);
  };

  return {
    ...objects.port,

    async get(dict, key) {
      const rows = await use();
      const row = pairRow(dict.id, key);
      const now = nowMs();
      let due = false;
      const found = rows.snapshot((reader): EncodedValue | undefined => {
        const bytes = live(reader, dict, row, now);
        if (bytes === undefined) return undefined;
        due = isTouchDue(bytes, now);
        return valueOf(reader, row, bytes);
      });
      if (due) touch(rows, [row]);
      return found;
    },

    async put(dict, key, value, { skipIfExists = false } = {}) {
      checkPair(key, value);
      const rows = await use();
      const row = pairRow(dict.id, key);
      // Who finds it there needs no lock to say so.
      if (skipIfExists && rows.snapshot((reader) => live(reader, dict, row, nowMs())) !== undefined) return false;
      const pair = pairRows(dict.id, key, value);
      return rows.transact((tx) => {
        const now = nowMs();
        if (skipIfExists && live(tx, dict, row, now) !== undefined) return false;
        write(tx, dict, pair, now);
        return true;
      });
    },

    async update(dict, entries) {
      checkUpdate(entries.length);
      for (const { key, value } of entries) checkPair(key, value);
      const rows = await use();
      objects.need(rows, dict);
      for (const batch of inBatches(entries)) {
        const pairs = batch.map(({ key, value }) => pairRows(dict.id, key, value));
        await rows.transact((tx) => {
          objects.need(tx, dict);
          for (const pair of pairs) write(tx, dict, pair, nowMs());
        });
      }
    },

    async pop(dict, key) {
      const rows = await use();
      const row = pairRow(dict.id, key);
      if (rows.snapshot((reader) => live(reader, dict, row, nowMs())) === undefined) return undefined;
      return rows.transact((tx) => {
        const bytes = live(tx, dict, row, nowMs());
        if (bytes === undefined) return undefined;
        const value = valueOf(tx, row, bytes);
        deletePair(tx, row, bytes);
        return value;
      });
    },

    async contains(dict, key) {
      const rows = await use();
      return rows.snapshot((reader) => live(reader, dict, pairRow(dict.id, key), nowMs()) !== undefined);
    },

    async len(dict) {
      const rows = await use();
      objects.need(rows, dict);
      return countLive(rows, dict.id, nowMs(), MAX_LEN);
    },

    async clear(dict) {
      const rows = await use();
      objects.need(rows, dict);
      await purgePairs(rows, dict.id);
    },

    async *keys(dict) {
      const rows = await use();
      objects.need(rows, dict);
      const keyIn = (_reader: RowReader, row: string, bytes: Buffer): DictKey => keyOf(dict.id, row, bytes);
      for await (const page of pagesOf(rows, dict.id, nowMs, keyIn)) yield page.map(({ item }) => item);
    },

    async *entries(dict) {
      const rows = await use();
      objects.need(rows, dict);
      const entryIn = (reader: RowReader, row: string, bytes: Buffer): DictEntry => entryOf(reader, dict.id, row, bytes);
      for await (const page of pagesOf(rows, dict.id, nowMs, entryIn)) {
        const due = page.filter(({ due }) => due).map(({ row }) => row);
        if (due.length > 0) touch(rows, due);
        yield page.map(({ item }) => item);
      }
    },

    async close() {
      closing.abort();
      // Who comes later has to ask for the rows, and is refused.
      opened = undefined;
      opening = undefined;
      await Promise.all(asides);
    },
  };
}
