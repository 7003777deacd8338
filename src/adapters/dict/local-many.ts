import type { DictEntry, DictKey, DictPort } from "../../ports/dict.ts";
import type { RowReader } from "../../util/rows.ts";
import { checkPair, checkUpdate } from "./errors.ts";
import { MAX_LEN } from "./limits.ts";
import type { LocalAccess } from "./local-access.ts";
import { entryOf, keyOf, pairRows } from "./local-rows.ts";
import { countLive, inBatches, pagesOf, purgePairs } from "./local-scan.ts";

/** The operations on many pairs, in batches and pages of which each is one transaction or one snapshot. */
export function createLocalMany(access: LocalAccess): Pick<DictPort, "update" | "len" | "clear" | "keys" | "entries"> {
  const { nowMs, objects } = access;
  return {
    async update(dict, entries) {
      checkUpdate(entries.length);
      for (const { key, value } of entries) checkPair(key, value);
      const rows = await access.use();
      objects.need(rows, dict);
      for (const batch of inBatches(entries)) {
        const pairs = batch.map(({ key, value }) => pairRows(dict.id, key, value));
        await rows.transact((tx) => {
          objects.need(tx, dict);
          for (const pair of pairs) access.write(tx, dict, pair);
        });
      }
    },

    async len(dict) {
      const rows = await access.use();
      objects.need(rows, dict);
      return countLive(rows, dict.id, nowMs(), MAX_LEN);
    },

    async clear(dict) {
      const rows = await access.use();
      objects.need(rows, dict);
      await purgePairs(rows, dict.id);
    },

    async *keys(dict) {
      const rows = await access.use();
      objects.need(rows, dict);
      const keyIn = (_reader: RowReader, row: string, bytes: Buffer): DictKey => keyOf(dict.id, row, bytes);
      for await (const page of pagesOf(rows, dict.id, nowMs, keyIn)) yield page.map(({ item }) => item);
      // One that was deleted meanwhile has not been read to its end.
      objects.need(rows, dict);
    },

    async *entries(dict) {
      const rows = await access.use();
      objects.need(rows, dict);
      const entryIn = (reader: RowReader, row: string, bytes: Buffer): DictEntry => entryOf(reader, dict.id, row, bytes);
      for await (const page of pagesOf(rows, dict.id, nowMs, entryIn)) {
        const due = page.filter(({ due }) => due).map(({ row }) => row);
        if (due.length > 0) access.touch(rows, due);
        yield page.map(({ item }) => item);
      }
      objects.need(rows, dict);
    },
  };
}
