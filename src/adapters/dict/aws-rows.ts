import { dictObject, dictPartition } from "../../model/aws-names.ts";
import type { DictKey } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import { lazyCrypto } from "../../util/lazy-crypto.ts";
import { keyHash, keyOfText, keyText } from "../../wire/key.ts";
import type { RowKey, TableRow } from "../aws/table-row.ts";
import { DICT_EXPIRY_MS, DICT_TOUCH_MS } from "./limits.ts";

// A pair is a row at the hash of its key, so that the pairs of one Dict spread: a partition key whose rows grow hot is split
// by DynamoDB between its sort keys, as long as those do not grow in order and the table has no local index. The row holds
// the key, when the pair expires, the version of its value, and the value when it is small. A larger value is a row or an
// object of its own, named after its version: it is written before the pair points to it and never changed, so whoever reads
// a pair reads a value that belongs to it.

/** What the sort keys of all pairs begin with. */
export const PAIRS = "k#";
/** What the sort keys of all values begin with that are rows of their own. */
export const VALUES = "v#";

/** Where a value is that is not in the row of its pair. */
export type ValuePlace = "row" | "object";

/** The row of a pair, as far as every reader needs it. */
export interface PairRow extends RowKey {
  readonly version: string;
  /** Epoch seconds, for DynamoDB's own removal. */
  readonly expiresAt: number;
  readonly at: ValuePlace | undefined;
}

/** The attributes of {@link PairRow}. */
export const PAIR_ATTRIBUTES = ["pk", "sk", "version", "expiresAt", "at"] as const;

/** The partition of a Dict's pairs. */
export function pairPartition({ name, id }: ObjectRef): string {
  return dictPartition(name, id);
}

/** The row of a key. */
export function pairKey(ref: ObjectRef, key: DictKey): RowKey {
  return { pk: pairPartition(ref), sk: PAIRS + keyHash(keyText(key)) };
}

/** The row of a version of a pair's value. */
export function valueKey(pair: RowKey, version: string): RowKey {
  return { pk: pair.pk, sk: `${VALUES}${hashOf(pair)}#${version}` };
}

/** The object of a version of a pair's value. */
export function valueObject(ref: ObjectRef, pair: RowKey, version: string): string {
  return dictObject(ref.name, `${ref.id}/${hashOf(pair)}/${version}`);
}

/** The pair that an object belongs to, and its version; `undefined` for a key of another form. */
export function pairOfObject(object: string): { readonly key: RowKey; readonly version: string } | undefined {
  const [kind, name, id, hash, version, ...more] = object.split("/");
  if (kind !== "dict" || name === undefined || id === undefined || hash === undefined || version === undefined || more.length > 0)
    return undefined;
  return { key: { pk: dictPartition(name, id), sk: PAIRS + hash }, version };
}

/** A pair's row as it was read. */
export function pairOf(row: TableRow): PairRow {
  const at = row["at"];
  return {
    pk: row.pk,
    sk: row.sk,
    version: String(row["version"]),
    expiresAt: Number(row["expiresAt"]),
    at: at === "row" || at === "object" ? at : undefined,
  };
}

/** The key of a pair whose row was read with its attribute `key`. */
export function keyOf(row: TableRow): DictKey {
  return keyOfText(String(row["key"]));
}

/** A name for one version of a value: 16 letters, digits, dashes and underscores, never the same again. */
export function newVersion(): string {
  return lazyCrypto().randomBytes(12).toString("base64url");
}

/** When a pair expires that is written or read now, in epoch seconds. */
export function expiryOf(nowMs: number): number {
  return Math.ceil((nowMs + DICT_EXPIRY_MS) / 1_000);
}

/** Whether a pair has not expired. */
export function isLive(row: Pick<PairRow, "expiresAt">, nowMs: number): boolean {
  return row.expiresAt > nowMs / 1_000;
}

/** Whether a read now counts for the expiry of a pair. */
export function isTouchDue(row: Pick<PairRow, "expiresAt">, nowMs: number): boolean {
  return row.expiresAt * 1_000 - nowMs <= DICT_EXPIRY_MS - DICT_TOUCH_MS;
}

// --- Internal helpers ---

function hashOf({ sk }: RowKey): string {
  return sk.slice(PAIRS.length);
}
