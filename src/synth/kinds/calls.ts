import { CALLS_ACTIONS, type CallsTarget } from "../../adapters/calls/iam.ts";
import * as names from "../../model/aws-names.ts";
import { appHead, functionHead } from "../../model/call-ids.ts";
import type { AppManifest } from "../../model/manifest.ts";
import { arn } from "../arns.ts";
import type { IdleCost } from "../plan-part.ts";
import { lambdaPrice, PRICES } from "../prices.ts";
import { CALL_UNITS } from "../call-costs.ts";
import { callCosts } from "./calls-costs.ts";
import { DISPATCHER_MIB, dispatcherQueue, dispatcherRole } from "./calls-dispatcher.ts";
import { functionTargets } from "./functions.ts";
import type { AppResources, Kind, Scope, Touched, Variables } from "./kind.ts";

const { spawn, get, status, cancel, run, dispatch } = CALLS_ACTIONS;

/** Durable calls: rows of the environment's table, objects of its bucket, and a dispatcher of the App's own. */
export const calls: Kind = {
  operations: { function: [spawn, get, status, cancel, run], dispatcher: [dispatch], caller: [spawn, get, status, cancel] },
  touches: callTargets,
  verbs: {
    "dynamodb:BatchGetItem": "read",
    "dynamodb:DeleteItem": "remove",
    "dynamodb:GetItem": "read",
    "dynamodb:PutItem": "write",
    "dynamodb:Query": "list",
    "lambda:InvokeFunction": "call",
    "s3:GetObject": "read",
    "s3:PutObject": "write",
    "sqs:ChangeMessageVisibility": "take messages of",
    "sqs:DeleteMessage": "take messages of",
    "sqs:GetQueueAttributes": "take messages of",
    "sqs:GetQueueUrl": "find",
    "sqs:ReceiveMessage": "take messages of",
    "sqs:SendMessage": "send to",
  },
  plan: (manifest, environment) => ({ costs: callCosts(manifest, environment), idle: idleCosts(manifest, environment) }),
  roles: (manifest, environment) => [dispatcherRole(manifest, environment)],
  variables: ({ environment, manifest }, _fn, app): Variables => ({
    TENON_DISPATCHER_QUEUE_URL:
      app === undefined
        ? {
            "Fn::Sub": `https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${names.dispatcherQueue(environment, manifest.name)}`,
          }
        : dispatcherQueue(app).ref,
  }),
  addResources: (app: AppResources) => void dispatcherQueue(app),
};

// --- Internal helpers ---

const SECONDS_PER_MONTH = 30 * 24 * 60 * 60;
/** Long polls that Lambda keeps open on a queue without messages, and how long each waits. It tells no number for FIFO queues. */
const POLLERS = 5;
const POLL_SECONDS = 20;
const SWEEP_SECONDS = 5 * 60;
/** What a sweep takes that finds nothing: an invocation by the rule, and one for each Function at most. */
const SWEEP_MS = 200;

function callTargets(scope: Scope): Record<CallsTarget, Touched> {
  const { environment, manifest, of } = scope;
  const app = manifest.name;
  const table = names.callsTable(environment);
  const heads = of.map((fn) => (fn === "*" ? appHead(environment, app) : functionHead(environment, { app, name: fn })));
  const rowsOf = (kind: "in" | "out" | "due"): Touched => ({ table, partitions: heads.map((head) => names.callPartition(kind, head)) });
  return {
    inRows: rowsOf("in"),
    outRows: rowsOf("out"),
    dueRows: rowsOf("due"),
    ...functionTargets(scope),
    inputQueues: { resources: inputQueues(environment, manifest, scope.functions).map(({ queue }) => arn("sqs", queue)), grows: true },
    queue: { resources: [arn("sqs", names.dispatcherQueue(environment, app))] },
  };
}

/** The queues that feed those of the Functions that have one. */
function inputQueues(
  environment: string,
  manifest: AppManifest,
  functions: readonly string[] = Object.keys(manifest.functions),
): readonly { readonly fn: string; readonly queue: string }[] {
  return functions.flatMap((fn) => {
    const queue = names.inputQueue(environment, manifest.name, manifest.functions[fn]!);
    return queue === undefined ? [] : [{ fn, queue }];
  });
}

function idleCosts(manifest: AppManifest, environment: string): readonly IdleCost[] {
  const polls = (POLLERS * SECONDS_PER_MONTH) / POLL_SECONDS;
  const sweeps = SECONDS_PER_MONTH / SWEEP_SECONDS;
  const swept = sweeps * Object.keys(manifest.functions).length;
  const reads = swept * CALL_UNITS.sweep.reads;
  const messages = swept * CALL_UNITS.sweep.queueRequests;
  return [
    {
      what: "SQS: Lambda's pollers of the dispatcher's queue",
      requestsPerMonth: polls,
      dollarsPerMonth: polls * PRICES.sqsRequest,
    },
    ...inputQueues(environment, manifest).map(({ fn, queue }) => ({
      what: `SQS: Lambda's pollers of the queue of ${fn}, which has maxContainers`,
      requestsPerMonth: polls,
      dollarsPerMonth: polls * (queue.endsWith(names.FIFO_SUFFIX) ? PRICES.sqsFifoRequest : PRICES.sqsRequest),
    })),
    {
      what: "Lambda: the dispatcher looks for calls that nobody works on",
      requestsPerMonth: sweeps + swept,
      dollarsPerMonth: lambdaPrice(sweeps + swept, SWEEP_MS, DISPATCHER_MIB),
    },
    {
      what: "SQS: a message of each Function for that, sent, received and deleted",
      requestsPerMonth: messages,
      dollarsPerMonth: messages * PRICES.sqsRequest,
    },
    {
      what: `DynamoDB: what it reads for that, ${CALL_UNITS.sweep.reads} requests for each Function`,
      requestsPerMonth: reads,
      dollarsPerMonth: reads * PRICES.dynamoRead,
    },
  ];
}
