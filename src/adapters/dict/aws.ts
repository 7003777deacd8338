import { dictPartition } from "../../model/aws-names.ts";
import type { DictPort } from "../../ports/dict.ts";
import { createAwsObjects } from "../aws-objects.ts";
import type { DataTable } from "../aws/data-table.ts";
import { createAwsMany, purge } from "./aws-many.ts";
import { type AwsPairsParams, createAwsPairs } from "./aws-pairs.ts";
import { createAwsValues, type ValueObjects } from "./aws-values.ts";
import { AWS_ALIVE_MS } from "./limits.ts";

/** What the Dicts of one environment on AWS stand on. */
export interface AwsDictParams {
  readonly environment: string;
  /** The environment's data table. */
  readonly table: DataTable;
  /** The environment's bucket. */
  readonly objects: ValueObjects;
  /** Who makes what is made here, as far as that is known. @default - nobody */
  readonly createdBy?: (() => Promise<string | null>) | undefined;
  /** The clock, epoch milliseconds. @default Date.now */
  readonly nowMs?: (() => number) | undefined;
}

/** The Dicts of an environment on AWS, and what the environment's sweeper does with them. */
export interface AwsDict extends DictPort {
  /** Removes ephemeral Dicts that nobody has used for a day, and what is left of deleted ones. */
  sweep: ReturnType<typeof createAwsObjects>["sweep"];
}

/**
 * Dicts as rows in DynamoDB, with large values in S3. A write of one pair is one conditional write of its row, so `put` with
 * `skipIfExists` and `pop` are exclusive; what the row points to is written before it.
 */
export function createAwsDict({ environment, table, objects, createdBy, nowMs = Date.now }: AwsDictParams): AwsDict {
  const values = createAwsValues(table, objects);
  const named = createAwsObjects({
    kind: "Dict",
    prefix: "di",
    environment,
    table,
    partition: dictPartition,
    createdBy: createdBy ?? (() => Promise.resolve(null)),
    nowMs,
    aliveMs: AWS_ALIVE_MS,
    purge: (ref) => purge(params, ref),
  });
  const params: AwsPairsParams = { table, values, need: named.need, nowMs };
  return { ...named.port, ...createAwsPairs(params), ...createAwsMany(params), sweep: named.sweep };
}
