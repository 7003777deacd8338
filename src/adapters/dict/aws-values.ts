import type { EncodedValue } from "../../model/encoded.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import { decodeItem, encodeItem } from "../../wire/item.ts";
import { packObject, unpackObject } from "../../wire/value-object.ts";
import type { DataTable } from "../aws/data-table.ts";
import type { RowKey, RowValue, TableRow } from "../aws/table-row.ts";
import { pairOf, type PairRow, type ValuePlace, valueKey, valueObject } from "./aws-rows.ts";
import { valueBytes } from "./errors.ts";
import { AWS_INLINE_BYTES, AWS_ROW_BYTES, AWS_VALUE_ROW_MS } from "./limits.ts";

/** The bucket of an environment, as far as values need it. */
export interface ValueObjects {
  put(key: string, bytes: Uint8Array): Promise<void>;
  /** `undefined` for an object that is not there. */
  find(key: string): Promise<Uint8Array | undefined>;
  remove(keys: readonly string[]): Promise<void>;
}

/** The values of pairs, wherever each lies. */
export interface AwsValues {
  /** What a pair's row says of its value; a value that does not lie in it has to be stored first. */
  attributes(value: EncodedValue, expiresAt: number): Readonly<Record<string, RowValue>>;
  /** The row of a version, for a value that has one. */
  rowOf(pair: RowKey, version: string, value: EncodedValue, expiresAt: number): TableRow | undefined;
  /** Stores a value that does not lie in its pair's row. */
  store(ref: ObjectRef, pair: RowKey, version: string, value: EncodedValue, expiresAt: number): Promise<void>;
  /** The value of a pair's row; `undefined` when it has been replaced since the row was read. */
  load(ref: ObjectRef, row: TableRow): Promise<EncodedValue | undefined>;
  /** Removes what pairs no longer point to. What stays when it fails, the sweeper removes. */
  drop(ref: ObjectRef, pairs: readonly PairRow[]): Promise<void>;
}

/** Where a value of this size lies when it is not in the row of its pair. */
export function placeOf(value: EncodedValue): ValuePlace | undefined {
  const bytes = valueBytes(value);
  return bytes <= AWS_INLINE_BYTES ? undefined : bytes <= AWS_ROW_BYTES ? "row" : "object";
}

/** When the row of a value is removed that belongs to a pair with this expiry, both in epoch seconds. */
export function valueExpiry(expiresAt: number): number {
  return expiresAt + AWS_VALUE_ROW_MS / 1_000;
}

/** The value that a row holds itself. */
export function valueIn(row: TableRow): EncodedValue {
  return decodeItem(String(row["value"]), (row["parts"] ?? NO_PARTS) as readonly Uint8Array[]);
}

/** The values of an environment's Dicts, in its table and its bucket. */
export function createAwsValues(table: DataTable, objects: ValueObjects): AwsValues {
  const rowOf: AwsValues["rowOf"] = (pair, version, value, expiresAt) =>
    placeOf(value) === "row" ? { ...valueKey(pair, version), version, ...inRow(value), expiresAt: valueExpiry(expiresAt) } : undefined;

  return {
    rowOf,

    attributes(value, expiresAt) {
      const at = placeOf(value);
      if (at === undefined) return inRow(value);
      return at === "row" ? { at, valueExpiresAt: valueExpiry(expiresAt) } : { at };
    },

    async store(ref, pair, version, value, expiresAt) {
      const row = rowOf(pair, version, value, expiresAt);
      if (row !== undefined) await table.replace(row);
      else if (placeOf(value) === "object")
        await objects.put(valueObject(ref, pair, version), packObject({ text: encodeItem(value), parts: value.parts }));
    },

    async load(ref, row) {
      const { version, at } = pairOf(row);
      if (at === undefined) return valueIn(row);
      if (at === "row") {
        const found = await table.get(valueKey(row, version));
        return found === undefined ? undefined : valueIn(found);
      }
      const bytes = await objects.find(valueObject(ref, row, version));
      if (bytes === undefined) return undefined;
      const { text, parts } = unpackObject(bytes);
      return decodeItem(text, parts);
    },

    async drop(ref, pairs) {
      const rows = pairs.filter(({ at }) => at === "row").map((pair) => valueKey(pair, pair.version));
      const keys = pairs.filter(({ at }) => at === "object").map((pair) => valueObject(ref, pair, pair.version));
      const removals: Promise<void>[] = [];
      if (rows.length > 0) removals.push(table.writeMany([], rows));
      if (keys.length > 0) removals.push(objects.remove(keys));
      await Promise.allSettled(removals);
    },
  };
}

// --- Internal helpers ---

const NO_PARTS: readonly Uint8Array[] = Object.freeze([]);

function inRow(value: EncodedValue): { readonly value: string; readonly parts?: readonly Uint8Array[] } {
  return { value: encodeItem(value), ...(value.parts.length === 0 ? {} : { parts: value.parts }) };
}
