import { InvalidError } from "../model/errors.ts";
import { isPlainObject } from "../model/option-checks.ts";
import { showValue } from "../util/show-value.ts";

/** Pairs for `update`: a Map, `[key, value]` pairs, or, where keys are strings, an object. */
export type DictEntries<K, V> =
  | Iterable<readonly [K, V]>
  | (string extends K ? Readonly<Record<string, V>> : [K] extends [string] ? Readonly<Partial<Record<K, V>>> : never);

/** The pairs, in the order given. Throws `InvalidError` for anything else. */
export function pairsOf<K, V>(entries: DictEntries<K, V>): Iterable<readonly [K, V]> {
  if (typeof entries === "object" && entries !== null && Symbol.iterator in entries) return checked(entries as Iterable<readonly [K, V]>);
  if (isPlainObject(entries)) return Object.entries(entries) as unknown as Iterable<readonly [K, V]>;
  throw new InvalidError(`update: the entries are ${showValue(entries)}. They must be a Map, [key, value] pairs or an object.`, {
    hint: 'Write update({ a: 1 }), or update([["a", 1]]).',
  });
}

// --- Internal helpers ---

function* checked<K, V>(entries: Iterable<readonly [K, V]>): Generator<readonly [K, V], void, void> {
  let index = 0;
  for (const pair of entries) {
    if (!Array.isArray(pair) || pair.length !== 2)
      throw new InvalidError(`update: entry ${index} is ${showValue(pair)}. It must be a pair: [key, value].`, {
        hint: 'Write update([["a", 1], ["b", 2]]), or give a Map or an object.',
      });
    index++;
    yield pair;
  }
}
