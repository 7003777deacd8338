import type { Row, RowRangeParams, Rows, RowWriter } from "../../src/util/rows.ts";

/** Rows in memory, for backends that live as long as a test. A transaction takes no time, so nothing comes between its steps. */
export function createMemoryRows(): Rows {
  const rows = new Map<string, unknown>();
  const get = <T>(key: string): T | undefined => rows.get(key) as T | undefined;
  const range = <T>(prefix: string, { after, limit }: RowRangeParams = {}): readonly Row<T>[] => {
    const keys = [...rows.keys()].filter((key) => key.startsWith(prefix) && (after === undefined || key > after)).toSorted();
    return keys.slice(0, limit).map((key) => ({ key, value: rows.get(key) as T }));
  };
  const writer: RowWriter = {
    get,
    peek: (key) => get<Buffer>(key),
    range,
    put: (key, value) => void rows.set(key, value),
    delete: (key) => void rows.delete(key),
  };
  return {
    ...writer,
    snapshot: (body) => body(writer),
    put: async (key, value) => writer.put(key, value),
    delete: async (key) => writer.delete(key),
    transact: async (body) => body(writer),
  };
}
