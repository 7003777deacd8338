import { setImmediate as nextTurn } from "node:timers/promises";
import type { ObjectRef } from "../../ports/named-objects.ts";
import type { RowReader, Rows, RowWriter } from "../../util/rows.ts";
import { createLocalObjects, type KindObjects } from "../lmdb/named-objects.ts";
import { isLive, type PairRows, touchPair, writePair } from "./local-rows.ts";
import { purgePairs, sweepExpired } from "./local-scan.ts";

/** What the Dicts of one environment stand on. */
export interface LocalDictParams {
  /** The rows of `openObjects`; asked for by the first operation. */
  readonly rows: () => Promise<Rows>;
  readonly environment: string;
  /** The clock, epoch milliseconds. @default Date.now */
  readonly nowMs?: (() => number) | undefined;
}

/** Reads that one turn of the event loop takes at most. */
const READS_BY_TURN = 100;

/** The rows of an environment's Dicts, as every operation needs them. */
export class LocalAccess {
  readonly objects: KindObjects;
  readonly nowMs: () => number;
  readonly #environment: string;
  readonly #open: () => Promise<Rows>;
  readonly #asides = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();
  #opened: Rows | undefined;
  #opening: Promise<Rows> | undefined;
  #used = 0;

  constructor({ rows, environment, nowMs = Date.now }: LocalDictParams) {
    this.nowMs = nowMs;
    this.#environment = environment;
    this.#open = rows;
    this.objects = createLocalObjects({
      kind: "Dict",
      prefix: "di",
      environment,
      nowMs,
      rows: async () => this.use(),
      purge: purgePairs,
    });
  }

  /**
   * The rows for one more operation. Reads wait for nothing, so a program that polls would never let its timers and
   * sockets have a turn: every now and then they get one.
   */
  use(): Rows | Promise<Rows> {
    if (++this.#used % READS_BY_TURN === 0) return nextTurn().then(() => this.#opened ?? this.#ready());
    return this.#opened ?? this.#ready();
  }

  /** The row of a pair that is there, until the next read. Without one, the Dict itself may be gone. */
  live(rows: RowReader, dict: ObjectRef, row: string): Buffer | undefined {
    const bytes = rows.peek(row);
    if (bytes === undefined) this.objects.need(rows, dict);
    return bytes !== undefined && isLive(bytes, this.nowMs()) ? bytes : undefined;
  }

  /** Writes a pair, whatever is there. */
  write(tx: RowWriter, dict: ObjectRef, pair: PairRows): void {
    const before = tx.peek(pair.row);
    if (before === undefined) this.objects.need(tx, dict);
    writePair(tx, pair, before, this.nowMs());
  }

  /** Begins the life of pairs again; nobody waits for it. */
  touch(rows: Rows, due: readonly string[]): void {
    const now = this.nowMs();
    this.#aside(rows.transact((tx) => due.forEach((row) => touchPair(tx, row, now))));
  }

  /** Waits for what was begun without anyone waiting for it. Whoever comes later asks for the rows again. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#opened = undefined;
    this.#opening = undefined;
    await Promise.all(this.#asides);
  }

  /** The rows; the first who asks for them also tidies up. */
  #ready(): Promise<Rows> {
    return (this.#opening ??= this.#open().then(
      (rows) => {
        this.#opened = rows;
        this.#aside(this.#sweep(rows));
        return rows;
      },
      (error: unknown) => {
        // The next operation tries again.
        this.#opening = undefined;
        throw error;
      },
    ));
  }

  async #sweep(rows: Rows): Promise<void> {
    await this.objects.sweep(rows);
    await sweepExpired(rows, this.#environment, this.nowMs(), () => this.objects.ids(rows), this.#closing.signal);
  }

  /** Work that nobody waits for, and whose failure changes no answer. */
  #aside(work: Promise<unknown>): void {
    const ended = work.catch(() => {}).finally(() => this.#asides.delete(ended));
    this.#asides.add(ended);
  }
}
