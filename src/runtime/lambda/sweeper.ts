import { pairOfObject } from "../../adapters/dict/aws-rows.ts";
import type { AwsDict } from "../../adapters/dict/aws.ts";
import { AWS_ORPHAN_AGE_MS } from "../../adapters/dict/limits.ts";
import type { DataTable } from "../../adapters/aws/data-table.ts";
import type { ListedObject } from "../../adapters/aws/s3.ts";
import { sweepPartition } from "../../model/aws-names.ts";

/** The environment's bucket, as the sweeper sees it. */
export interface SweptBucket {
  list(prefix: string, after?: string): AsyncGenerator<readonly ListedObject[], void, void>;
  remove(keys: readonly string[]): Promise<void>;
}

/** What a sweep goes over. */
export interface SweeperParams {
  readonly table: DataTable;
  readonly bucket: SweptBucket;
  readonly dict: Pick<AwsDict, "sweep">;
  /** The clock, epoch milliseconds. @default Date.now */
  readonly nowMs?: (() => number) | undefined;
}

/** What one sweep has removed. */
export interface SweepReport {
  /** Ephemeral Dicts that nobody has used for a day. */
  readonly ephemeral: number;
  /** Deleted Dicts of which something may have been left. */
  readonly deleted: number;
  /** Objects in S3 that no pair points to. */
  readonly orphans: number;
  /** Whether it came to the end of the bucket; the next one goes on where it stopped. */
  readonly finished: boolean;
}

/**
 * Removes what is left of an environment's objects, once a day: dead ephemeral ones, what was written into deleted ones,
 * and values in S3 that no pair points to, when they are older than a day. So an orphan is gone within two days.
 *
 * `hasTime` is asked between two steps; a sweep that runs out of time notes where it is.
 */
export async function sweep(params: SweeperParams, hasTime: () => boolean): Promise<SweepReport> {
  const removed = await params.dict.sweep();
  return { ...removed, ...(await sweepObjects(params, hasTime)) };
}

// --- Internal helpers ---

/** The row that holds the key after which the next sweep begins. */
const CURSOR = { pk: sweepPartition("dict"), sk: "objects" };
const PREFIX = "dict/";

async function sweepObjects(
  { table, bucket, nowMs = Date.now }: SweeperParams,
  hasTime: () => boolean,
): Promise<Pick<SweepReport, "orphans" | "finished">> {
  const cursor = (await table.get(CURSOR))?.["after"];
  let orphans = 0;
  for await (const page of bucket.list(PREFIX, typeof cursor === "string" ? cursor : undefined)) {
    const doomed = await orphansOf(
      table,
      page.filter(({ writtenAtMs }) => writtenAtMs < nowMs() - AWS_ORPHAN_AGE_MS),
    );
    if (doomed.length > 0) await bucket.remove(doomed);
    orphans += doomed.length;
    const last = page.at(-1);
    if (last === undefined || hasTime()) continue;
    await table.replace({ ...CURSOR, after: last.key });
    return { orphans, finished: false };
  }
  if (cursor !== undefined) await table.remove(CURSOR);
  return { orphans, finished: true };
}

/** The keys of objects to which no pair points. A value is written just before its pair, so one of yesterday has its pair. */
async function orphansOf(table: DataTable, objects: readonly ListedObject[]): Promise<readonly string[]> {
  // What is not a Dict's is not the sweeper's to judge.
  const known = objects.flatMap(({ key }) => {
    const pair = pairOfObject(key);
    return pair === undefined ? [] : [{ object: key, ...pair }];
  });
  // Versions of one pair share a row, and a batch takes each key once.
  const keys = new Map(known.map(({ key }) => [`${key.pk}\n${key.sk}`, key]));
  const rows = await table.getMany([...keys.values()], ["version", "at"]);
  const versions = new Map([...keys.keys()].map((text, i) => [text, rows[i]?.["at"] === "object" ? rows[i]["version"] : undefined]));
  return known.filter(({ key, version }) => versions.get(`${key.pk}\n${key.sk}`) !== version).map(({ object }) => object);
}
