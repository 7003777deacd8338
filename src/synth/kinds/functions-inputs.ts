import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { MAX_SOURCE_CONCURRENCY } from "../../adapters/calls/limits.ts";
import { FIFO_SUFFIX, inputQueue } from "../../model/aws-names.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AppParts } from "../app-parts.ts";
import { cdk } from "../cdk-modules.ts";
import { queueProps } from "../queue-props.ts";
import { tlsOnly } from "../tls-only.ts";
import type { LambdaPlan } from "./functions-plan.ts";

/** A message is held back for longer than its lease lasts, so that the next container that gets it finds the lease over. */
const VISIBILITY_SPARE_SECONDS = 30;

const QUEUE_ID = "Inputs";

/**
 * The queue that feeds a Function with `maxContainers`, encrypted; `undefined` for one that Lambda's own queue feeds.
 *
 * It has no dead letters: what becomes of a call stands in its rows, and the dispatcher hands it out again.
 */
export function addInputQueue(
  here: Construct,
  { environment, manifest, settings }: Pick<AppParts, "environment" | "manifest" | "settings">,
  spec: FunctionSpec,
  { timeoutSeconds }: LambdaPlan,
): CfnQueue | undefined {
  const queueName = inputQueue(environment, manifest.name, spec);
  if (queueName === undefined) return undefined;
  return new cdk.sqs.CfnQueue(here, QUEUE_ID, {
    ...queueProps(settings),
    queueName,
    ...(queueName.endsWith(FIFO_SUFFIX) ? { fifoQueue: true } : {}),
    visibilityTimeout: timeoutSeconds + VISIBILITY_SPARE_SECONDS,
  });
}

/** Has Lambda take messages from the queue, one for each container, and no more of them at a time than the Function says. */
export function addInputSource(here: Construct, lambda: CfnFunction, queue: CfnQueue, maxContainers: number): void {
  // Lambda refuses a function that may run longer than its queue holds a message back.
  lambda.node.addDependency(queue);
  new cdk.lambda.CfnEventSourceMapping(here, "InputSource", {
    functionName: lambda.ref,
    eventSourceArn: queue.attrArn,
    batchSize: 1,
    ...(maxContainers === 1 ? {} : { scalingConfig: { maximumConcurrency: Math.min(MAX_SOURCE_CONCURRENCY, maxContainers) } }),
  });
}

/** Lets nobody use the App's input queues without TLS: one policy for all of them, so that a Function stays at four resources. */
export function closeInputQueues(app: Construct): void {
  const found = app.node.findAll().filter((each) => each.node.id === QUEUE_ID && cdk.core.CfnResource.isCfnResource(each)) as CfnQueue[];
  if (found.length > 0)
    new cdk.sqs.CfnQueuePolicy(app, "InputsTls", { queues: found.map((queue) => queue.ref), policyDocument: tlsOnly("sqs", "*") });
}
