import { setTimeout as sleep } from "node:timers/promises";
import type { EncodedValue } from "../../model/encoded.ts";
import type { DictKey, DictPort } from "../../ports/dict.ts";
import type { ObjectRef } from "../../ports/named-objects.ts";
import { keyText } from "../../wire/key.ts";
import type { DataTable } from "../aws/data-table.ts";
import type { RowKey, TableRow } from "../aws/dynamodb.ts";
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

/** The operations on one pair, and what the others need of them. */
export interface AwsPairs extends Pick<DictPort, "get" | "put" | "pop" | "contains"> {
  /** The value of a pair whose row was read, or of whatever has replaced it; `undefined` when it is gone. */
  settle(ref: ObjectRef, row: TableRow): Promise<EncodedValue | undefined>;
  /** Begins the life of a pair again, when that is due. */
  touch(row: TableRow): Promise<void>;
}

/** The operations on one pair: each is one conditional write, or a read and whatever the value needs. */
export function createAwsPairs({ table, values, need, nowMs }: AwsPairsParams): AwsPairs {
  const living = async (ref: ObjectRef, key: RowKey): Promise<TableRow | undefined> => {
    const row = await table.get(key);
    // Without a pair the Dict itself may be gone.
    if (row === undefined) await need(ref);
    return row !== undefined && isLive(pairOf(row), nowMs()) ? row : undefined;
  };

  const settle = async (ref: ObjectRef, first: TableRow): Promise<EncodedValue | undefined> => {
    let row: TableRow | undefined = first;
    for (let tries = 1; row !== undefined; tries++) {
      const value = await values.load(ref, row);
      if (value !== undefined) return value;
      // It was replaced between the two reads; so its row is another one now.
      if (tries > AWS_READ_TRIES) throw movingPair(ref, tries);
      if (tries > 2) await sleep(Math.random() * 20 * tries);
      row = await living(ref, { pk: row.pk, sk: row.sk });
    }
    return undefined;
  };

  const touch = async (row: TableRow): Promise<void> => {
    const pair = pairOf(row);
    const now = nowMs();
    if (!isTouchDue(pair, now)) return;
    const expiresAt = expiryOf(now);
    const version = { name: "version", value: pair.version };
    const valueExpiresAt = Number(row["valueExpiresAt"]);
    if (pair.at !== "row" || valueExpiresAt > expiresAt) {
      await table.set(row, { expiresAt }, version);
      return;
    }
    // The value must not go before the pair; its row is rewritten some days ahead, so not with each touch.
    const later = valueExpiry(expiresAt);
    const owner = { name: "version", value: pair.version };
    if (await table.set(valueKey(row, pair.version), { expiresAt: later }, owner))
      await table.set(row, { expiresAt, valueExpiresAt: later }, version);
  };

  /** Writes a pair whose value is stored; says whether it did. */
  const point = async (ref: ObjectRef, row: TableRow, skipIfExists: boolean): Promise<boolean> => {
    const { written, before } = await table.replace(row, skipIfExists ? { deadAt: Math.floor(nowMs() / 1_000) } : undefined);
    const old = before === undefined ? undefined : pairOf(before);
    // The answer to a write that was done may be lost, and the repeat of it finds itself.
    const isOwn = old?.version === row["version"];
    if (!written) return isOwn;
    if (old === undefined) await need(ref);
    else if (!isOwn) await values.drop(ref, [old]);
    return true;
  };

  return {
    settle,
    touch,

    async get(ref, key) {
      const row = await living(ref, pairKey(ref, key));
      if (row === undefined) return undefined;
      const [value] = await Promise.all([settle(ref, row), touch(row)]);
      return value;
    },

    async put(ref, key, value, { skipIfExists = false } = {}) {
      checkPair(key, value);
      const pair = pairKey(ref, key);
      // What is large is not uploaded to learn that it is not wanted.
      if (skipIfExists && placeOf(value) !== undefined && (await living(ref, pair)) !== undefined) return false;
      const row = pairRow(pair, key, value, nowMs(), values);
      const stored = pairOf(row);
      await values.store(ref, pair, stored.version, value, stored.expiresAt);
      try {
        const written = await point(ref, row, skipIfExists);
        if (!written) await values.drop(ref, [stored]);
        return written;
      } catch (error) {
        // The Dict has been deleted: nothing of it may stay behind.
        if (isGone(error)) await Promise.allSettled([table.remove(pair), values.drop(ref, [stored])]);
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
      return (await living(ref, pairKey(ref, key))) !== undefined;
    },
  };
}

/** The row of a pair with a new version of its value. */
export function pairRow(pair: RowKey, key: DictKey, value: EncodedValue, now: number, values: AwsValues): TableRow {
  const expiresAt = expiryOf(now);
  return { ...pair, key: keyText(key), version: newVersion(), expiresAt, ...values.attributes(value, expiresAt) };
}

// --- Internal helpers ---

function isGone(error: unknown): boolean {
  return error instanceof Error && error.name === "NotFoundError";
}
