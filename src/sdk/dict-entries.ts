import { InvalidError } from "../model/errors.ts";
import { isPlainObject } from "../model/option-checks.ts";
import { showValue } from "../util/show-value.ts";

/** Pairs for `update`: a Map, `[key, value]` pairs, or, where keys are strings, an object. */
export type DictEntries<K, V> =
  | Iterable<readonly [K, V]>
  | (string extends K ? Readonly<Record<string, V>> : [K] extends [string] ? Readonly<Partial<Record<K, V>>> : never);

/** The pairs, in the order given. Throws `InvalidError` for anything else. */
export function pairsOf<K, V>(entries: DictEntries<K, V>): Iterable<readonly [K, V]> {
  if (typeof entries === "object" && entries !== null && Symbol.iterator in entries) return entries as Iterable<readonly [K, V]>;
  if (isPlainObject(entries)) return Object.entries(entries) as unknown as Iterable<readonly [K, V]>;
  throw new InvalidError(`update: the entries are ${showValue(entries)}. They must be a Map, [key, value] pairs or an object.`);
}
