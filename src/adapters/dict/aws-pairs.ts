import { setTimeout as sleep } from "node:timers/promises";
import type { EncodedValue } from "../../model/encoded.ts";
import { NotFoundError, PermissionDeniedError } from "../../model/errors.ts";
import type { DictKey, DictPort } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import { keyText } from "../../wire/key.ts";
import type { DataTable } from "../aws/data-table.ts";
import type { RowKey, TableRow } from "../aws/table-row.ts";
import { expiryOf, isLive, isTouchDue, newVersion, pairKey, pairOf, valueKey } from "./aws-rows.ts";
import { type AwsValues, placeOf, valueExpiry } from "./aws-values.ts";
import { checkPair, movingPair } from "./errors.ts";
import { AWS_READ_TRIES } from "./limits.ts";

/** What the operations on pairs stand on. */
export interface AwsPairsParams {
  readonly table: DataTable;
  readonly values: AwsValues;
  /** Rejects with `NotFoundError` for a Dict that has been deleted. */
  readonly need: (ref: ObjectRef) => Promise<void>;
  readonly nowMs: () => number;
}

/** The operations on one pair: each is one conditional write, or a read and whatever the value needs. */
export function createAwsPairs(params: AwsPairsParams): Pick<DictPort, "get" | "put" | "pop" | "contains"> {
  const { table, values, need, nowMs } = params;
  return {
    async get(ref, key) {
      const row = await livingRow(params, ref, pairKey(ref, key));
      if (row === undefined) return undefined;
      const [value] = await Promise.all([settle(params, ref, row), touch(params, row)]);
      return value;
    },

    async put(ref, key, value, { skipIfExists = false } = {}) {
      checkPair(key, value);
      const pair = pairKey(ref, key);
      // What is large is not uploaded to learn that it is not wanted.
      if (skipIfExists && placeOf(value) !== undefined && (await livingRow(params, ref, pair)) !== undefined) return false;
      const row = pairRow(pair, key, value, nowMs(), values);
      const stored = pairOf(row);
      await values.store(ref, pair, stored.version, value, stored.expiresAt);
      try {
        const written = await point(params, ref, row, skipIfExists);
        if (!written) await values.drop(ref, [stored]);
        return written;
      } catch (error) {
        // The Dict has been deleted: nothing of it may stay behind.
        if (error instanceof NotFoundError) await Promise.allSettled([table.remove(pair), values.drop(ref, [stored])]);
        throw error;
      }
    },

    async pop(ref, key) {
      const row = await table.remove(pairKey(ref, key));
      if (row === undefined) {
        await need(ref);
        return undefined;
      }
      const pair = pairOf(row);
      const value = isLive(pair, nowMs()) ? await values.load(ref, row) : undefined;
      await values.drop(ref, [pair]);
      return value;
    },

    async contains(ref, key) {
      return (await livingRow(params, ref, pairKey(ref, key))) !== undefined;
    },
  };
}

/** The row of a pair with a new version of its value. */
export function pairRow(pair: RowKey, key: DictKey, value: EncodedValue, now: number, values: AwsValues): TableRow {
  const expiresAt = expiryOf(now);
  return { ...pair, key: keyText(key), version: newVersion(), expiresAt, ...values.attributes(value, expiresAt) };
}

/**
 * The value of a pair whose row was read, or of whatever has replaced it; `undefined` when it is gone. Where S3 says that a
 * value is denied it may be missing, as the caller may not list the bucket: only while the row still names it is that an error.
 */
export async function settle(params: AwsPairsParams, ref: ObjectRef, first: TableRow): Promise<EncodedValue | undefined> {
  let row: TableRow | undefined = first;
  for (let tries = 1; row !== undefined; tries++) {
    const before = pairOf(row).version;
    const value = await params.values.load(ref, row).catch(unlessDenied);
    if (value !== undefined && !(value instanceof PermissionDeniedError)) return value;
    // It was replaced between the two reads; so its row is another one now.
    if (tries > AWS_READ_TRIES) throw movingPair(ref, tries);
    if (tries > 2) await sleep(Math.random() * 20 * tries);
    row = await livingRow(params, ref, { pk: row.pk, sk: row.sk });
    if (value !== undefined && row !== undefined && pairOf(row).version === before) throw value;
  }
  return undefined;
}

/** Begins the life of a pair again, when that is due. A read is not refused because this can't be done. */
export async function touch(params: AwsPairsParams, row: TableRow): Promise<void> {
  if (isTouchDue(pairOf(row), params.nowMs())) await renew(params, row).catch(() => undefined);
}

// --- Internal helpers ---

function unlessDenied(error: unknown): PermissionDeniedError {
  if (error instanceof PermissionDeniedError) return error;
  throw error;
}

async function renew({ table, nowMs }: AwsPairsParams, row: TableRow): Promise<void> {
  const pair = pairOf(row);
  const now = nowMs();
  const expiresAt = expiryOf(now);
  const version = { name: "version", value: pair.version };
  if (pair.at !== "row" || Number(row["valueExpiresAt"]) > expiresAt) {
    await table.set(row, { expiresAt }, version);
    return;
  }
  // The value must not go before the pair; its row is rewritten some days ahead, so not with each touch.
  const valueExpiresAt = valueExpiry(expiresAt);
  const kept = await table.set(valueKey(row, pair.version), { expiresAt: valueExpiresAt }, version);
  if (kept) await table.set(row, { expiresAt, valueExpiresAt }, version);
}

async function livingRow({ table, need, nowMs }: AwsPairsParams, ref: ObjectRef, key: RowKey): Promise<TableRow | undefined> {
  const row = await table.get(key);
  // Without a pair the Dict itself may be gone.
  if (row === undefined) await need(ref);
  return row !== undefined && isLive(pairOf(row), nowMs()) ? row : undefined;
}

/** Writes the row of a pair whose value is stored; says whether it did. */
async function point(
  { table, values, need, nowMs }: AwsPairsParams,
  ref: ObjectRef,
  row: TableRow,
  skipIfExists: boolean,
): Promise<boolean> {
  const { written, before } = await table.replace(row, skipIfExists ? { deadAt: Math.floor(nowMs() / 1_000) } : undefined);
  const old = before === undefined ? undefined : pairOf(before);
  // The answer to a write that was done may be lost, and the repeat of it finds itself.
  const isOwn = old?.version === row["version"];
  if (!written) return isOwn;
  if (old === undefined) await need(ref);
  else if (!isOwn) await values.drop(ref, [old]);
  return true;
}
