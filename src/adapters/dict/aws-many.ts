import type { DictEntry, DictPort } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import type { DataTable } from "../aws/data-table.ts";
import type { RowKey, TableRow } from "../aws/dynamodb.ts";
import { type AwsPairs, pairRow } from "./aws-pairs.ts";
import { isLive, keyOf, PAIR_ATTRIBUTES, pairKey, pairOf, pairPartition, PAIRS, valueKey, VALUES } from "./aws-rows.ts";
import { type AwsValues, placeOf, valueIn } from "./aws-values.ts";
import { checkPair, checkUpdate } from "./errors.ts";
import { AWS_AT_ONCE, AWS_PAGE_PAIRS, MAX_LEN } from "./limits.ts";

/** What the operations on many pairs stand on. */
export interface AwsManyParams {
  readonly table: DataTable;
  readonly values: AwsValues;
  readonly pairs: AwsPairs;
  /** Rejects with `NotFoundError` for a Dict that has been deleted. */
  readonly need: (ref: ObjectRef) => Promise<void>;
  readonly nowMs: () => number;
}

/** The operations on many pairs. */
export interface AwsMany extends Pick<DictPort, "update" | "len" | "clear" | "keys" | "entries"> {
  /** Removes every row of a Dict, values without a pair too, and the objects that its pairs point to. */
  purge(ref: ObjectRef): Promise<void>;
}

/** Pairs that one step of `update` writes: as many as one BatchWriteItem takes. */
const UPDATE_STEP = 25;

/** The operations on many pairs: in batches and pages, which another call may go on from. */
export function createAwsMany({ table, values, pairs, need, nowMs }: AwsManyParams): AwsMany {
  /** The rows of a Dict whose sort keys begin with a prefix, by pages. */
  async function* pagesOf(ref: ObjectRef, prefix: string, attributes?: readonly string[]): AsyncGenerator<readonly TableRow[], void, void> {
    let after: RowKey | undefined;
    do {
      const page = await table.page(pairPartition(ref), { prefix, attributes, after });
      if (page.rows.length > 0) yield page.rows;
      after = page.next;
    } while (after !== undefined);
  }

  const clear = async (ref: ObjectRef): Promise<void> => {
    for await (const rows of pagesOf(ref, PAIRS, PAIR_ATTRIBUTES)) {
      await table.writeMany([], rows);
      await values.drop(ref, rows.map(pairOf));
    }
  };

  /** Writes some pairs whose keys differ: first their values, then the rows that point to them; then the old values go. */
  const write = async (ref: ObjectRef, entries: readonly DictEntry[]): Promise<void> => {
    const made = entries.map(({ key, value }) => ({ value, row: pairRow(pairKey(ref, key), key, value, nowMs(), values) }));
    const before = await table.getMany(
      made.map(({ row }) => row),
      PAIR_ATTRIBUTES,
    );
    const ofRows = made.flatMap(({ row, value }) => values.rowOf(row, pairOf(row).version, value, pairOf(row).expiresAt) ?? []);
    const large = made.filter(({ value }) => placeOf(value) === "object");
    await Promise.all([
      table.writeMany(ofRows),
      each(large, ({ row, value }) => values.store(ref, row, pairOf(row).version, value, pairOf(row).expiresAt)),
    ]);
    await table.writeMany(made.map(({ row }) => row));
    await values.drop(
      ref,
      before.flatMap((row) => (row === undefined ? [] : [pairOf(row)])),
    );
  };

  /** The pairs of rows; those whose values lie in S3 by few at a time, since these may be large. */
  async function* read(ref: ObjectRef, rows: readonly TableRow[]): AsyncGenerator<readonly DictEntry[], void, void> {
    await each(rows, (row) => pairs.touch(row));
    const apart = rows.filter((row) => pairOf(row).at === "row");
    const found = await table.getMany(apart.map((row) => valueKey(row, pairOf(row).version)));
    const byRow = new Map(apart.map((row, i) => [row, found[i]]));
    const entryOf = async (row: TableRow): Promise<DictEntry | undefined> => {
      const held = pairOf(row).at === undefined ? row : byRow.get(row);
      const value = held === undefined ? await pairs.settle(ref, row) : valueIn(held);
      return value === undefined ? undefined : { key: keyOf(row), value };
    };
    const objects = rows.filter((row) => pairOf(row).at === "object");
    for (const some of [rows.filter((row) => pairOf(row).at !== "object"), ...slices(objects, AWS_AT_ONCE)]) {
      const entries = (await Promise.all(some.map(entryOf))).filter((entry) => entry !== undefined);
      if (entries.length > 0) yield entries;
    }
  }

  return {
    clear: async (ref) => {
      await need(ref);
      await clear(ref);
    },

    async purge(ref) {
      await clear(ref);
      for await (const rows of pagesOf(ref, VALUES, ["pk", "sk"])) await table.writeMany([], rows);
    },

    async update(ref, entries) {
      checkUpdate(entries.length);
      for (const { key, value } of entries) checkPair(key, value);
      await need(ref);
      // Of two with one key the later counts, and a batch takes each key once.
      const distinct = [...new Map(entries.map((entry) => [entry.key.codec + entry.key.text, entry])).values()];
      await each(slices(distinct, UPDATE_STEP), (some) => write(ref, some));
    },

    async len(ref) {
      await need(ref);
      let count = 0;
      for await (const rows of pagesOf(ref, PAIRS, PAIR_ATTRIBUTES)) {
        count += rows.filter((row) => isLive(pairOf(row), nowMs())).length;
        if (count >= MAX_LEN) return MAX_LEN;
      }
      return count;
    },

    async *keys(ref) {
      await need(ref);
      for await (const rows of pagesOf(ref, PAIRS, ["key", "expiresAt"]))
        yield rows.filter((row) => isLive(pairOf(row), nowMs())).map(keyOf);
    },

    async *entries(ref) {
      await need(ref);
      for await (const rows of pagesOf(ref, PAIRS)) {
        const living = rows.filter((row) => isLive(pairOf(row), nowMs()));
        for (const some of slices(living, AWS_PAGE_PAIRS)) yield* read(ref, some);
      }
    },
  };
}

// --- Internal helpers ---

function slices<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/** Does something with each item, several at the same time. */
async function each<T>(items: readonly T[], body: (item: T) => Promise<unknown>): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < items.length) await body(items[next++] as T);
  };
  await Promise.all(Array.from({ length: Math.min(AWS_AT_ONCE, items.length) }, work));
}
