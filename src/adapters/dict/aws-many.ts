import type { DictEntry, DictPort } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import type { RowKey, TableRow } from "../aws/table-row.ts";
import { type AwsPairsParams, pairRow, settle, touch } from "./aws-pairs.ts";
import { isLive, keyOf, PAIR_ATTRIBUTES, pairKey, pairOf, pairPartition, PAIRS, valueKey, VALUES } from "./aws-rows.ts";
import { placeOf, valueIn } from "./aws-values.ts";
import { checkPair, checkUpdate } from "./errors.ts";
import { AWS_AT_ONCE, AWS_PAGE_PAIRS, MAX_LEN } from "./limits.ts";

/** Pairs that one step of `update` writes: as many as one BatchWriteItem takes. */
const UPDATE_STEP = 25;

/** The operations on many pairs, in batches and pages. */
export function createAwsMany(params: AwsPairsParams): Pick<DictPort, "update" | "len" | "clear" | "keys" | "entries"> {
  const { need, nowMs } = params;
  const isLiving = (row: TableRow): boolean => isLive(pairOf(row), nowMs());
  return {
    async update(ref, entries) {
      checkUpdate(entries.length);
      for (const { key, value } of entries) checkPair(key, value);
      await need(ref);
      // Of two with one key the later counts, and a batch takes each key once.
      const distinct = [...new Map(entries.map((entry) => [entry.key.codec + entry.key.text, entry])).values()];
      await each(slices(distinct, UPDATE_STEP), (some) => writeSome(params, ref, some));
    },

    async len(ref) {
      await need(ref);
      let count = 0;
      for await (const rows of pagesOf(params, ref, PAIRS, PAIR_ATTRIBUTES)) {
        count += rows.filter(isLiving).length;
        if (count >= MAX_LEN) return MAX_LEN;
      }
      return count;
    },

    async clear(ref) {
      await need(ref);
      await clear(params, ref);
    },

    async *keys(ref) {
      await need(ref);
      for await (const rows of pagesOf(params, ref, PAIRS, ["key", "expiresAt"])) {
        const keys = rows.filter(isLiving).map(keyOf);
        if (keys.length > 0) yield keys;
      }
      // One that was deleted meanwhile has not been read to its end.
      await need(ref);
    },

    async *entries(ref) {
      await need(ref);
      for await (const rows of pagesOf(params, ref, PAIRS))
        for (const some of slices(rows.filter(isLiving), AWS_PAGE_PAIRS)) yield* readSome(params, ref, some);
      await need(ref);
    },
  };
}

/** Removes every row of a Dict, values without a pair too, and the objects that its pairs point to. */
export async function purge(params: AwsPairsParams, ref: ObjectRef): Promise<void> {
  await clear(params, ref);
  for await (const rows of pagesOf(params, ref, VALUES, ["pk", "sk"])) await params.table.writeMany([], rows);
}

// --- Internal helpers ---

async function clear(params: AwsPairsParams, ref: ObjectRef): Promise<void> {
  for await (const rows of pagesOf(params, ref, PAIRS, PAIR_ATTRIBUTES)) {
    await params.table.writeMany([], rows);
    await params.values.drop(ref, rows.map(pairOf));
  }
}

/** The rows of a Dict whose sort keys begin with a prefix, by pages. */
async function* pagesOf(
  { table }: AwsPairsParams,
  ref: ObjectRef,
  prefix: string,
  attributes?: readonly string[],
): AsyncGenerator<readonly TableRow[], void, void> {
  let after: RowKey | undefined;
  do {
    const page = await table.page(pairPartition(ref), { prefix, attributes, after });
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  } while (after !== undefined);
}

/** Writes some pairs whose keys differ: first their values, then the rows that point to them; then the old values go. */
async function writeSome({ table, values, nowMs }: AwsPairsParams, ref: ObjectRef, entries: readonly DictEntry[]): Promise<void> {
  const made = entries.map(({ key, value }) => ({ value, row: pairRow(pairKey(ref, key), key, value, nowMs(), values) }));
  const before = await table.getMany(
    made.map(({ row }) => row),
    PAIR_ATTRIBUTES,
  );
  const inRows = made.flatMap(({ row, value }) => values.rowOf(row, pairOf(row).version, value, pairOf(row).expiresAt) ?? []);
  const inObjects = made.filter(({ value }) => placeOf(value) === "object");
  await Promise.all([
    table.writeMany(inRows),
    each(inObjects, ({ row, value }) => values.store(ref, row, pairOf(row).version, value, pairOf(row).expiresAt)),
  ]);
  await table.writeMany(made.map(({ row }) => row));
  await values.drop(
    ref,
    before.flatMap((row) => (row === undefined ? [] : [pairOf(row)])),
  );
}

/** The pairs of rows. Those whose values lie in S3 come by few at a time, since they may be large. */
async function* readSome(
  params: AwsPairsParams,
  ref: ObjectRef,
  rows: readonly TableRow[],
): AsyncGenerator<readonly DictEntry[], void, void> {
  await each(rows, (row) => touch(params, row));
  const apart = rows.filter((row) => pairOf(row).at === "row");
  const found = await params.table.getMany(apart.map((row) => valueKey(row, pairOf(row).version)));
  const held = new Map(apart.map((row, i) => [row, found[i]]));
  const entryOf = async (row: TableRow): Promise<DictEntry | undefined> => {
    const holder = pairOf(row).at === undefined ? row : held.get(row);
    const value = holder === undefined ? await settle(params, ref, row) : valueIn(holder);
    return value === undefined ? undefined : { key: keyOf(row), value };
  };
  const isObject = (row: TableRow): boolean => pairOf(row).at === "object";
  for (const some of [rows.filter((row) => !isObject(row)), ...slices(rows.filter(isObject), AWS_AT_ONCE)]) {
    const entries = (await Promise.all(some.map(entryOf))).filter((entry) => entry !== undefined);
    if (entries.length > 0) yield entries;
  }
}

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
