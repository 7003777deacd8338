import { APPS_ACTIONS, type AppsTarget } from "../adapters/apps/iam.ts";
import { CALLS_ACTIONS, type CallsTarget } from "../adapters/calls/iam.ts";
import { FUNCTIONS_ACTIONS, type FunctionsTarget } from "../adapters/functions/iam.ts";
import type { AppManifest } from "../model/manifest.ts";
import {
  appParameterPath,
  blobBucket,
  callInPartition,
  callOutPartition,
  callRefPartition,
  callsTable,
  dispatcherLogGroup,
  dispatcherQueue,
  functionName,
  inputObject,
  inputQueue,
  logGroup,
  outputObject,
} from "../model/aws-names.ts";

/** An ARN in a template: partition, region and account are filled in when it is deployed. */
export interface Arn {
  readonly "Fn::Sub": string;
}

/** One statement of a policy; always `Allow`. */
export interface Statement {
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly Arn[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, readonly string[] | string>>>>;
}

/** Of which App statements speak. */
export interface StatementScope {
  readonly environment: string;
  readonly app: string;
  readonly functions: readonly string[];
  /** Names of the queues that feed those of them with `maxContainers`. */
  readonly inputQueues: readonly string[];
}

/** An App, or these Functions of it. */
export function statementScope(
  environment: string,
  manifest: AppManifest,
  functions: readonly string[] = Object.keys(manifest.functions),
): StatementScope {
  const { name: app } = manifest;
  const queues = functions.map((fn) => inputQueue(environment, app, manifest.functions[fn]!));
  return { environment, app, functions, inputQueues: queues.filter((queue) => queue !== undefined) };
}

type Target = AppsTarget | FunctionsTarget | CallsTarget;
type Operation = Partial<Readonly<Record<Target, readonly string[]>>>;

/** What the container of a Function does: its own side of calls, and the caller's towards every Function of its App. */
const FUNCTION_OPERATIONS: readonly Operation[] = [
  APPS_ACTIONS.manifest,
  ...Object.values(FUNCTIONS_ACTIONS),
  CALLS_ACTIONS.spawn,
  CALLS_ACTIONS.get,
  CALLS_ACTIONS.status,
  CALLS_ACTIONS.cancel,
  CALLS_ACTIONS.run,
];
const DISPATCHER_OPERATIONS: readonly Operation[] = [APPS_ACTIONS.manifest, CALLS_ACTIONS.dispatch];
const CALLER_OPERATIONS: readonly Operation[] = [
  APPS_ACTIONS.manifest,
  FUNCTIONS_ACTIONS.invoke,
  FUNCTIONS_ACTIONS.stream,
  CALLS_ACTIONS.spawn,
  CALLS_ACTIONS.get,
  CALLS_ACTIONS.status,
  CALLS_ACTIONS.cancel,
];

/** What a role may do. */
export interface RoleStatements {
  readonly own: readonly Statement[];
  /** Grants on resources by their exact names, which grow with their number. Each statement fits in a managed policy. */
  readonly named: readonly Statement[];
}

/** What an App's Functions may do. */
export function functionStatements(scope: StatementScope): RoleStatements {
  const own = [...statements(scope, FUNCTION_OPERATIONS), logStatement(logGroup(scope.environment, scope.app, "*"))];
  return { own, named: namedStatements(scope, FUNCTION_OPERATIONS) };
}

/** What an App's dispatcher may do. */
export function dispatcherStatements(scope: StatementScope): RoleStatements {
  const own = [...statements(scope, DISPATCHER_OPERATIONS), logStatement(dispatcherLogGroup(scope.environment, scope.app))];
  return { own, named: namedStatements(scope, DISPATCHER_OPERATIONS) };
}

/** What somebody outside an App needs to call these Functions of it, durably too, and to get what they give back. */
export function callerStatements(scope: StatementScope): readonly Statement[] {
  return [...statements(scope, CALLER_OPERATIONS, scope.functions), ...namedStatements(scope, CALLER_OPERATIONS)];
}

/** Resources that one statement names: 45 × 125 characters stay below the 6,144 of a managed policy. */
export const NAMES_PER_STATEMENT = 45;

// --- Internal helpers ---

/**
 * The grants to invoke an App's Functions and to use the queues of some, by their exact names: a pattern would also match
 * another App whose name begins like this one's.
 */
function namedStatements(
  { environment, app, functions, inputQueues }: StatementScope,
  operations: readonly Operation[],
): readonly Statement[] {
  const lambdas = functions.map((name) => arn("lambda", `function:${functionName(environment, app, name)}`));
  const queues = inputQueues.map((name) => arn("sqs", name));
  return [...inChunks("functions", lambdas), ...inChunks("inputQueues", queues)];

  function inChunks(target: Target, resources: readonly Arn[]): readonly Statement[] {
    const actions = actionsOn([target], operations);
    const chunks = Math.ceil(resources.length / NAMES_PER_STATEMENT);
    return Array.from({ length: chunks }, (_, i) =>
      allow(actions, resources.slice(i * NAMES_PER_STATEMENT, (i + 1) * NAMES_PER_STATEMENT)),
    );
  }
}

/** `of` are the Functions whose rows and objects may be touched: `*` for all of the App, also those to come. */
function statements(scope: StatementScope, operations: readonly Operation[], of: readonly string[] = ["*"]): readonly Statement[] {
  const { environment, app } = scope;
  const bucket = blobBucket(environment, "${AWS::AccountId}", "${AWS::Region}");
  const object = (key: string): Arn => ({ "Fn::Sub": `arn:\${AWS::Partition}:s3:::${bucket}/${key}` });
  const path = `parameter${appParameterPath(environment, app)}`;
  const found: (Statement | undefined)[] = [
    ...rowStatements(scope, operations, of),
    // Up to the delimiter: what follows are the Function, the call and the input, or the attempt.
    on(
      "inObjects",
      of.map((fn) => object(upTo(fn, inputObject(app, fn, "", "")))),
    ),
    on(
      "outObjects",
      of.map((fn) => object(upTo(fn, outputObject(app, fn, "", 0)))),
    ),
    on("queue", [arn("sqs", dispatcherQueue(environment, app))]),
    on("parameters", [arn("ssm", `${path}*`)]),
  ];
  return found.filter((statement) => statement !== undefined);

  function on(target: Target, resources: readonly Arn[]): Statement | undefined {
    const actions = actionsOn([target], operations);
    return actions.length === 0 ? undefined : allow(actions, resources);
  }
}

/**
 * Rows by their partitions. A request may touch rows of several kinds, and must then be allowed by one statement as a
 * whole: so an action has one statement, with every kind that it may touch.
 */
function rowStatements(
  { environment, app }: StatementScope,
  operations: readonly Operation[],
  of: readonly string[],
): readonly Statement[] {
  const partitions: Partial<Record<Target, readonly string[]>> = {
    inRows: of.map((fn) => callInPartition(app, fn)),
    outRows: of.map((fn) => callOutPartition(app, fn)),
    refRows: [callRefPartition("*")],
  };
  const byPartitions = new Map<string, { readonly keys: readonly string[]; readonly actions: string[] }>();
  for (const action of actionsOn(Object.keys(partitions) as Target[], operations)) {
    const touched = Object.keys(partitions).filter((target) => actionsOn([target as Target], operations).includes(action));
    const keys = touched.flatMap((target) => partitions[target as Target]!);
    const group = byPartitions.get(keys.join(" ")) ?? { keys, actions: [] };
    group.actions.push(action);
    byPartitions.set(keys.join(" "), group);
  }
  return [...byPartitions.values()].map(({ keys, actions }) => ({
    ...allow(actions, [arn("dynamodb", `table/${callsTable(environment)}`)]),
    Condition: {
      "ForAllValues:StringLike": { "dynamodb:LeadingKeys": keys },
      // ForAllValues is true of a request without keys.
      Null: { "dynamodb:LeadingKeys": "false" },
    },
  }));
}

/** The pattern of a Function's objects: its name and the delimiter, or nothing but the pattern. */
function upTo(fn: string, key: string): string {
  return fn === "*" ? key.replace(/\*.*/, "*") : key.replace(/\/\/.*/, "/*");
}

function logStatement(group: string): Statement {
  return allow(["logs:CreateLogStream", "logs:PutLogEvents"], [arn("logs", `log-group:${group}:*`)]);
}

function actionsOn(targets: readonly Target[], operations: readonly Operation[]): readonly string[] {
  return [...new Set(operations.flatMap((operation) => targets.flatMap((target) => operation[target] ?? [])))].toSorted();
}

function allow(actions: readonly string[], resources: readonly Arn[]): Statement {
  return { Effect: "Allow", Action: actions, Resource: resources };
}

function arn(service: string, resource: string): Arn {
  return { "Fn::Sub": `arn:\${AWS::Partition}:${service}:\${AWS::Region}:\${AWS::AccountId}:${resource}` };
}
