import { appStack, checkAwsEnvironment, FIFO_SUFFIX, functionName, inputQueue } from "../model/aws-names.ts";
import type { AppManifest } from "../model/manifest.ts";
import { type Difference, differencesOf } from "./differences.ts";
import { planLambda } from "./lambda-plan.ts";
import { lambdaPrice, PRICES } from "./prices.ts";
import { showNumber } from "../util/show-value.ts";

export { formatPrice } from "./prices.ts";
export { planRoles } from "./role-words.ts";

/** What one Function becomes. */
export interface PlannedFunction {
  readonly name: string;
  /** `null` when it can't be on AWS: `refusals` says why. */
  readonly becomes: { readonly service: "lambda"; readonly resource: string; readonly memoryMiB: number; readonly timeoutSeconds: number } | null; // prettier-ignore
  readonly why: string;
  readonly refusals: readonly string[];
  readonly notes: readonly string[];
  /** List price of a million calls of 100 ms in USD, without values above the inline limit; `null` without a Lambda function. */
  readonly dollarsPerMillionCalls: number | null;
}

/** Something that asks for work, or is woken, while the App is idle. */
export interface IdleCost {
  readonly what: string;
  readonly requestsPerMonth: number;
  /** List price in USD, before free tiers. */
  readonly dollarsPerMonth: number;
}

/** What an App becomes on AWS. */
export interface AppPlan {
  readonly app: string;
  readonly environment: string;
  readonly stack: string;
  readonly functions: readonly PlannedFunction[];
  readonly differences: readonly Difference[];
  readonly idle: readonly IdleCost[];
}

const SECONDS_PER_MONTH = 30 * 24 * 60 * 60;
/** Long polls that Lambda keeps open on a queue without messages, and how long each waits. It tells no number for FIFO queues. */
const POLLERS = 5;
const POLL_SECONDS = 20;
const SWEEP_SECONDS = 5 * 60;
/** What a sweep takes that finds nothing, and the dispatcher's memory. */
const SWEEP_MS = 200;
const DISPATCHER_MIB = 512;
/** The body of which a Function's price is told. */
const PRICED_CALL_MS = 100;
const MILLION = 1_000_000;

/**
 * What an App becomes on AWS, from the same data as its stack: each Function with the reason, and where AWS does not
 * give what was asked for. Nothing throws because of a Function that can't be there.
 */
export function planApp(manifest: AppManifest, environment: string): AppPlan {
  const stack = appStack(checkAwsEnvironment(environment), manifest.name);
  const functions = Object.values(manifest.functions).map((spec): PlannedFunction => {
    const { refusals, notes, memoryMiB, timeoutSeconds } = planLambda(spec);
    const resource = functionName(environment, manifest.name, spec.name);
    return {
      name: spec.name,
      becomes: refusals.length > 0 ? null : { service: "lambda", resource, memoryMiB, timeoutSeconds },
      why: `timeoutMs ${showNumber(spec.timeoutMs)}, memoryMiB ${showNumber(spec.memoryMiB)}, cpu ${spec.cpu}`,
      refusals,
      notes,
      dollarsPerMillionCalls: refusals.length > 0 ? null : lambdaPrice(MILLION, PRICED_CALL_MS, memoryMiB),
    };
  });
  const polls = (POLLERS * SECONDS_PER_MONTH) / POLL_SECONDS;
  const sweeps = SECONDS_PER_MONTH / SWEEP_SECONDS;
  const reads = sweeps * functions.length;
  const idle: readonly IdleCost[] = [
    {
      what: "SQS: Lambda's pollers of the dispatcher's queue",
      requestsPerMonth: polls,
      dollarsPerMonth: polls * PRICES.sqsRequest,
    },
    ...Object.values(manifest.functions).flatMap((spec): IdleCost[] => {
      const queue = inputQueue(environment, manifest.name, spec);
      if (queue === undefined) return [];
      const price = queue.endsWith(FIFO_SUFFIX) ? PRICES.sqsFifoRequest : PRICES.sqsRequest;
      const what = `SQS: Lambda's pollers of the queue of ${spec.name}, which has maxContainers`;
      return [{ what, requestsPerMonth: polls, dollarsPerMonth: polls * price }];
    }),
    {
      what: "Lambda: the dispatcher looks for calls that nobody works on",
      requestsPerMonth: sweeps,
      dollarsPerMonth: lambdaPrice(sweeps, SWEEP_MS, DISPATCHER_MIB),
    },
    {
      what: "DynamoDB: what it reads for that, one request for each Function",
      requestsPerMonth: reads,
      dollarsPerMonth: reads * PRICES.dynamoRead,
    },
  ];
  return { app: manifest.name, environment, stack, functions, differences: differencesOf(manifest), idle };
}
