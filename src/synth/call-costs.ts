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
  /** Of a durable call: its Function reads state and cancel request before it starts and before it ends; who waits finds it. */
  reads: { start: 2, finish: 2, find: 1 },
  /** Of whoever waits for a durable call of 100 ms: so many looks until it has ended, and the reads of each look. */
  looks: 4,
  readsPerLook: 1,
  /**
   * Of a durable call whose values lie in S3, since they are above 4 KiB: one object for the input, one for the outcome. Up to
   * 64 KiB the input need not be read, since it travels along.
   */
  large: { s3Puts: 2, s3Gets: 2, reads: 1 },
  /** Requests to SQS for a call that is fed through a queue: sent, received, deleted. */
  queueRequests: 3,
  /** Of a sweep, for each Function: it looks where the last one stopped, and queries its markers; a message asks for it. */
  sweep: { reads: 1 + DUE_SHARDS, queueRequests: 3 },
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
  const { large } = CALL_UNITS;
  const writes = total(CALL_UNITS.writes);
  const reads = total(CALL_UNITS.reads) + CALL_UNITS.looks * CALL_UNITS.readsPerLook + (kind.large === true ? large.reads : 0);
  const request = kind.queue === "fifo" ? PRICES.sqsFifoRequest : PRICES.sqsRequest;
  return {
    lambda: lambdaPrice(calls, body.ms, body.memoryMiB),
    rows: kind.durable ? calls * (writes * PRICES.dynamoWrite + reads * PRICES.dynamoRead) : 0,
    objects: kind.large === true ? calls * (large.s3Puts * PRICES.s3Put + large.s3Gets * PRICES.s3Get) : 0,
    queue: kind.queue === undefined ? 0 : calls * CALL_UNITS.queueRequests * request,
  };
}

/** What calls cost, in USD. */
export interface CallPrices {
  readonly lambda: number;
  readonly rows: number;
  readonly objects: number;
  readonly queue: number;
}

/** The sum of all that calls cost. */
export function sumOf(prices: CallPrices): number {
  return total(prices);
}

// --- Internal helpers ---

function total(numbers: object): number {
  return Object.values(numbers).reduce((sum: number, each: number) => sum + each, 0);
}
