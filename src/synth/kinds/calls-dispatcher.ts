import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import * as names from "../../model/aws-names.ts";
import { ENVIRONMENT_VERSION_VARIABLE } from "../../model/environment-version.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { cdk } from "../cdk-modules.ts";
import { addLogs, commonProps } from "../lambda-settings.ts";
import { queueProps } from "../queue-props.ts";
import { runtimeVariables } from "../runtime-variables.ts";
import { appScope } from "../scope.ts";
import { tlsOnly } from "../tls-only.ts";
import { untagged } from "../untagged.ts";
import type { AppResources, Role } from "./kind.ts";

/**
 * The queue of an App's dispatcher. The first question makes the dispatcher: the Lambda function that drives the App's
 * durable calls, fed by this queue, and every five minutes by a rule to look for calls that no container works on.
 */
export function dispatcherQueue(app: AppResources): CfnQueue {
  const made = app.construct.node.tryFindChild(DISPATCHER_ID);
  if (made !== undefined) return made.node.findChild(QUEUE_ID) as CfnQueue;
  const scope = new cdk.constructs.Construct(app.construct, DISPATCHER_ID);
  const queue = addQueue(scope, app);
  const lambda = addLambda(scope, app, queue);
  addSources(scope, app.manifest, app.environment, { lambda, queue });
  cdk.core.Tags.of(scope).add("tenon:part", "dispatcher");
  return queue;
}

/** The Lambda function of an App's dispatcher, once it is made: the one resource that refers to the environment. */
export function dispatcherLambda(app: Construct): CfnFunction {
  return app.node.findChild(DISPATCHER_ID).node.findChild(LAMBDA_ID) as CfnFunction;
}

/** The role of an App's dispatcher. */
export function dispatcherRole(manifest: AppManifest, environment: string): Role {
  const log = names.dispatcherLogGroup(environment, manifest.name);
  return { who: "the dispatcher", actor: "dispatcher", scope: appScope(environment, manifest), log };
}

/** Memory of the dispatcher, in MB. */
export const DISPATCHER_MIB = 512;

// --- Internal helpers ---

const DISPATCHER_ID = "Dispatcher";
const QUEUE_ID = "Queue";
const LAMBDA_ID = "Lambda";
const TIMEOUT_SECONDS = 60;
/** Six times the consumer's timeout, as Lambda asks for. */
const VISIBILITY_SECONDS = 6 * TIMEOUT_SECONDS;
const BATCH_MESSAGES = 10;
const MAX_DELIVERIES = 5;

/** An App's dispatcher queue, and the one for messages that it could not work on. Encrypted; TLS only. */
function addQueue(scope: Construct, { environment, manifest, settings }: AppResources): CfnQueue {
  const dead = new cdk.sqs.CfnQueue(scope, "DeadLetters", {
    ...queueProps(settings),
    queueName: names.dispatcherDeadLetterQueue(environment, manifest.name),
  });
  const queue = new cdk.sqs.CfnQueue(scope, QUEUE_ID, {
    ...queueProps(settings),
    queueName: names.dispatcherQueue(environment, manifest.name),
    visibilityTimeout: VISIBILITY_SECONDS,
    redrivePolicy: { deadLetterTargetArn: dead.attrArn, maxReceiveCount: MAX_DELIVERIES },
  });
  for (const [id, each] of [
    ["QueueTls", queue],
    ["DeadLettersTls", dead],
  ] as const) {
    new cdk.sqs.CfnQueuePolicy(scope, id, { queues: [each.ref], policyDocument: tlsOnly("sqs", each.attrArn) });
  }
  if (settings.alarmTopicArn !== undefined) addAlarm(scope, dead, manifest.name, settings.alarmTopicArn);
  return queue;
}

function addLambda(scope: Construct, app: AppResources, queue: CfnQueue): CfnFunction {
  const { environment, manifest, code, architecture, version, settings } = app;
  const logs = addLogs(scope, names.dispatcherLogGroup(environment, manifest.name), settings);
  return new cdk.lambda.CfnFunction(scope, LAMBDA_ID, {
    functionName: names.dispatcherName(environment, manifest.name),
    description: `Tenon dispatcher of ${manifest.name} (${environment})`,
    runtime: "nodejs24.x",
    architectures: [architecture],
    handler: "dispatcher.handler",
    code,
    role: app.makeRole(scope, "Role", dispatcherRole(manifest, environment)).attrArn,
    memorySize: DISPATCHER_MIB,
    timeout: TIMEOUT_SECONDS,
    environment: {
      variables: {
        ...runtimeVariables(environment, manifest.name, version),
        TENON_DISPATCHER_QUEUE_URL: queue.ref,
        [ENVIRONMENT_VERSION_VARIABLE]: `{{resolve:ssm:${names.environmentVersionParameter(environment)}}}`,
      } as never,
    },
    ...commonProps(logs, settings),
    recursiveLoop: "Allow",
  });
}

/** Tells a topic when a message lies among the dead letters: a call may not go on. */
function addAlarm(scope: Construct, dead: CfnQueue, app: string, topic: string): void {
  new cdk.cloudwatch.CfnAlarm(scope, "DeadLettersAlarm", {
    alarmDescription: `The dispatcher of the Tenon App ${app} could not work on a message`,
    namespace: "AWS/SQS",
    metricName: "ApproximateNumberOfMessagesVisible",
    dimensions: [{ name: "QueueName", value: dead.attrQueueName }],
    statistic: "Maximum",
    period: 300,
    evaluationPeriods: 1,
    threshold: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
    alarmActions: [topic],
  });
}

/** What wakes the dispatcher: messages of its queue, and the time. */
function addSources(
  scope: Construct,
  manifest: AppManifest,
  environment: string,
  { lambda, queue }: { readonly lambda: CfnFunction; readonly queue: CfnQueue },
): void {
  new cdk.lambda.CfnEventSourceMapping(scope, "Messages", {
    functionName: lambda.ref,
    eventSourceArn: queue.attrArn,
    batchSize: BATCH_MESSAGES,
    functionResponseTypes: ["ReportBatchItemFailures"],
  });
  const sweep = untagged(
    new cdk.events.CfnRule(scope, "Sweep", {
      description: `Durable calls of ${manifest.name} that nobody works on (${environment})`,
      scheduleExpression: "rate(5 minutes)",
      state: "ENABLED",
      // Constant: the dispatcher need not ask which Functions there are.
      targets: inParts(Object.keys(manifest.functions)).map((names, i) => ({
        id: `dispatcher-${i}`,
        arn: lambda.attrArn,
        input: JSON.stringify({ sweep: names }),
      })),
    }),
  );
  new cdk.lambda.CfnPermission(scope, "SweepPermission", {
    functionName: lambda.ref,
    action: "lambda:InvokeFunction",
    principal: "events.amazonaws.com",
    sourceArn: sweep.attrArn,
  });
}

/** A target's input has at most 8,192 characters; names have 64, two quotes and a comma. A rule takes five targets. */
const NAMES_PER_TARGET = 100;

function inParts(names: readonly string[]): readonly (readonly string[])[] {
  // A rule has one target at least, also that of an App without Functions.
  const count = Math.max(1, Math.ceil(names.length / NAMES_PER_TARGET));
  return Array.from({ length: count }, (_, i) => names.slice(i * NAMES_PER_TARGET, (i + 1) * NAMES_PER_TARGET));
}
