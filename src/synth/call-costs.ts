import { DUE_SHARDS } from "../adapters/calls/limits.ts";
import { lambdaPrice, PRICES } from "./prices.ts";

/**
 * What one call takes of AWS beside Lambda's time, from which `plan` and docs/costs.md reckon. A change of how calls are kept
 * is a change of these numbers; what is measured may differ from them by a tenth.
 *
 * Write units are of rows up to 1 KB, so a value between 1 and 4 KiB takes up to three more for each time it is written. Read
 * units are of consistent reads up to 4 KB.
 */
export const CALL_UNITS = {
  /** Of a durable call: who spawns puts a marker and the input, the Function writes start and outcome, and removes the marker. */
  writes: { putMarker: 1, putInput: 1, start: 1, finish: 1, removeMarker: 1 },
  /** Of whoever waits for a durable call: so many looks until it has ended, and the reads of each look. */
  looks: 2,
  readsPerLook: 2,
  /** Of a durable call whose values lie in S3, since they are above 4 KiB: one object for the input, one for the outcome. */
  large: { s3Puts: 2, s3Gets: 2 },
  /** Requests to SQS for a call that is fed through a queue: sent, received, deleted. */
  queueRequests: 3,
  /** Bytes that Tenon and Lambda write to the log of a call that succeeds, beside what the code writes. */
  logBytes: 300,
  /** Queries of a Function's markers in each sweep. */
  sweepQueries: DUE_SHARDS,
} as const;

/** How a call is made. */
export interface CallKind {
  /** Whether its state is kept: `spawn`, `spawnMap`, and any call with a timeout above 300 s. */
  readonly durable: boolean;
  /** Whether its values lie in S3. */
  readonly large?: boolean;
  /** The queue that feeds its Function, if there is one. */
  readonly queue?: "standard" | "fifo" | undefined;
}

/** The list price in USD of so many calls, by what is paid. What S3 keeps of large values is not in it. */
export function callPrices(calls: number, kind: CallKind, body: { readonly ms: number; readonly memoryMiB: number }): CallPrices {
  const writes = Object.values(CALL_UNITS.writes).reduce((sum, units) => sum + units, 0);
  const reads = CALL_UNITS.looks * CALL_UNITS.readsPerLook;
  const { s3Puts, s3Gets } = CALL_UNITS.large;
  const request = kind.queue === "fifo" ? PRICES.sqsFifoRequest : PRICES.sqsRequest;
  return {
    lambda: lambdaPrice(calls, body.ms, body.memoryMiB),
    rows: kind.durable ? calls * (writes * PRICES.dynamoWrite + reads * PRICES.dynamoRead) : 0,
    objects: kind.large === true ? calls * (s3Puts * PRICES.s3Put + s3Gets * PRICES.s3Get) : 0,
    queue: kind.queue === undefined ? 0 : calls * CALL_UNITS.queueRequests * request,
    logs: calls * (CALL_UNITS.logBytes / GB) * PRICES.logGb,
  };
}

/** What calls cost, in USD. */
export interface CallPrices {
  readonly lambda: number;
  readonly rows: number;
  readonly objects: number;
  readonly queue: number;
  readonly logs: number;
}

/** The sum of all that calls cost. */
export function sumOf(prices: CallPrices): number {
  return Object.values(prices).reduce((sum: number, each: number) => sum + each, 0);
}

// --- Internal helpers ---

/** AWS's GB for prices of data is 2^30 bytes. */
const GB = 2 ** 30;
