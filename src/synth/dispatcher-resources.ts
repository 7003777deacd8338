import type { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { dispatcherDeadLetterQueue, dispatcherLogGroup, dispatcherName, dispatcherQueue } from "../model/aws-names.ts";
import type { AppParts } from "./app-parts.ts";
import { createRole } from "./app-role.ts";
import { aws, core } from "./cdk-modules.ts";
import { runtimeVariables } from "./function-resources.ts";
import { QUEUE_PROPS } from "./queue-props.ts";
import { dispatcherStatements, statementScope } from "./statements.ts";
import { tlsOnly } from "./tls-only.ts";

const TIMEOUT_SECONDS = 60;
const MEMORY_MIB = 512;
/** Six times the consumer's timeout, as Lambda asks for. */
const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS;
const BATCH_MESSAGES = 10;
const MAX_DELIVERIES = 5;

/** An App's dispatcher queue, and the one for messages that it could not work on. Encrypted; TLS only. */
export function addDispatcherQueue(scope: Construct, parts: Pick<AppParts, "environment" | "manifest">): CfnQueue {
  const { environment, manifest } = parts;
  const dead = new aws.sqs.CfnQueue(scope, "DeadLetters", {
    ...QUEUE_PROPS,
    queueName: dispatcherDeadLetterQueue(environment, manifest.name),
  });
  const queue = new aws.sqs.CfnQueue(scope, "Queue", {
    ...QUEUE_PROPS,
    queueName: dispatcherQueue(environment, manifest.name),
    visibilityTimeout: VISIBILITY_SECONDS,
    redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: MAX_DELIVERIES },
  });
  for (const [id, each] of [
    ["QueueTls", queue],
    ["DeadLettersTls", dead],
  ] as const) {
    new aws.sqs.CfnQueuePolicy(scope, id, { queues: [each.ref], policyDocument: tlsOnly("sqs", each.attrArn) });
  }
  return queue;
}

/**
 * An App's dispatcher: the Lambda function that drives its durable calls, fed by its queue, and every five minutes by a
 * rule to look for calls that nobody works on.
 */
export function addDispatcher(scope: Construct, parts: AppParts, queue: CfnQueue): void {
  const { environment, manifest, code, architecture, version } = parts;
  const logs = new aws.logs.CfnLogGroup(scope, "Logs", {
    logGroupName: dispatcherLogGroup(environment, manifest.name),
    retentionInDays: parts.logRetentionDays,
  });
  const made = new aws.lambda.CfnFunction(scope, "Lambda", {
    functionName: dispatcherName(environment, manifest.name),
    description: `Tenon dispatcher of ${manifest.name} (${environment})`,
    runtime: "nodejs24.x",
    architectures: [architecture],
    handler: "dispatcher.handler",
    code,
    role: createRole(scope, "Role", dispatcherStatements(statementScope(environment, manifest))).attrArn,
    memorySize: MEMORY_MIB,
    timeout: TIMEOUT_SECONDS,
    environment: {
      variables: { ...runtimeVariables(environment, manifest.name, version), TENON_DISPATCHER_QUEUE_URL: queue.ref } as never,
    },
    loggingConfig: { logGroup: logs.ref },
    recursiveLoop: "Allow",
  });
  new aws.lambda.CfnEventSourceMapping(scope, "Messages", {
    functionName: made.ref,
    eventSourceArn: queue.attrArn,
    batchSize: BATCH_MESSAGES,
    functionResponseTypes: ["ReportBatchItemFailures"],
  });
  const sweep = new aws.events.CfnRule(scope, "Sweep", {
    description: `Durable calls of ${manifest.name} that nobody works on (${environment})`,
    scheduleExpression: "rate(5 minutes)",
    state: "ENABLED",
    // Constant: the dispatcher need not ask which Functions there are.
    targets: inParts(Object.keys(manifest.functions)).map((names, i) => ({
      id: `dispatcher-${i}`,
      arn: made.attrArn,
      input: JSON.stringify({ sweep: names }),
    })),
  });
  new aws.lambda.CfnPermission(scope, "SweepPermission", {
    functionName: made.ref,
    action: "lambda:InvokeFunction",
    principal: "events.amazonaws.com",
    sourceArn: sweep.attrArn,
  });
  core.Tags.of(scope).add("tenon:part", "dispatcher");
}

// --- Internal helpers ---

/** A target's input has at most 8,192 characters; names have 64, two quotes and a comma. A rule takes five targets. */
const NAMES_PER_TARGET = 100;

function inParts(names: readonly string[]): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = [];
  for (let i = 0; i < names.length; i += NAMES_PER_TARGET) parts.push(names.slice(i, i + NAMES_PER_TARGET));
  return parts;
}
