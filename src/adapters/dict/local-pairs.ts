import type { EncodedValue } from "../../model/encoded.ts";
import type { DictPort } from "../../ports/dict.ts";
import { checkPair } from "./errors.ts";
import type { LocalAccess } from "./local-access.ts";
import { isTouchDue, pairRow, pairRows, takePair, valueOf } from "./local-rows.ts";

/** The operations on one pair: reads of one snapshot, writes in one transaction. */
export function createLocalPairs(access: LocalAccess): Pick<DictPort, "get" | "put" | "pop" | "contains"> {
  return {
    async get(dict, key) {
      const opened = access.use();
      // Without an await where there is nothing to wait for: a read takes a few microseconds.
      const rows = opened instanceof Promise ? await opened : opened;
      const row = pairRow(dict.id, key);
      return rows.snapshot((reader): EncodedValue | undefined => {
        const bytes = access.live(reader, dict, row);
        if (bytes === undefined) return undefined;
        if (isTouchDue(bytes, access.nowMs())) access.touch(rows, [row]);
        return valueOf(reader, row, bytes);
      });
    },

    async put(dict, key, value, { skipIfExists = false } = {}) {
      checkPair(key, value);
      const rows = await access.use();
      const row = pairRow(dict.id, key);
      // Whoever finds it there needs no lock to say so.
      if (skipIfExists && rows.snapshot((reader) => access.live(reader, dict, row)) !== undefined) return false;
      const pair = pairRows(dict.id, key, value);
      return rows.transact((tx) => {
        if (skipIfExists && access.live(tx, dict, row) !== undefined) return false;
        access.write(tx, dict, pair);
        return true;
      });
    },

    async pop(dict, key) {
      const rows = await access.use();
      const row = pairRow(dict.id, key);
      if (rows.snapshot((reader) => access.live(reader, dict, row)) === undefined) return undefined;
      return rows.transact((tx) => {
        const bytes = access.live(tx, dict, row);
        return bytes === undefined ? undefined : takePair(tx, row, bytes);
      });
    },

    async contains(dict, key) {
      const rows = await access.use();
      return rows.snapshot((reader) => access.live(reader, dict, pairRow(dict.id, key)) !== undefined);
    },
  };
}
