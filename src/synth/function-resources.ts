import { LAMBDA_DEFAULT_STARTUP_MS } from "../adapters/functions/limits.ts";
import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { CfnFunction } from "aws-cdk-lib/aws-lambda";
import type { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { blobBucket, callsTable, dataTable, dispatcherQueue, functionName, logGroup } from "../model/aws-names.ts";
import type { AppParts } from "./app-parts.ts";
import { aws, constructs, core } from "./cdk-modules.ts";
import type { Sub } from "./function-environment.ts";
import { addInputQueue, addInputSource } from "./input-queue.ts";

/** What Tenon's runtime is told by environment variables, in every Lambda function of an App. */
export function runtimeVariables(environment: string, app: string, version: string): Readonly<Record<string, string | Sub>> {
  return {
    TENON_BACKEND: "aws",
    TENON_ENVIRONMENT: environment,
    TENON_APP: app,
    TENON_VERSION: version,
    TENON_CALLS_TABLE: callsTable(environment),
    TENON_DATA_TABLE: dataTable(environment),
    TENON_BUCKET: { "Fn::Sub": blobBucket(environment, "${AWS::AccountId}", "${AWS::Region}") },
  };
}

/** The variables of one Function, as far as the template knows them; the user's own come last. */
export function functionVariables(
  parts: Pick<AppParts, "environment" | "manifest" | "version">,
  fn: string,
): Readonly<Record<string, string | Sub>> {
  // prettier-ignore
  const { environment, manifest, version } = parts;
  const { startupTimeoutMs } = manifest.functions[fn]!;
  return {
    ...runtimeVariables(environment, manifest.name, version),
    TENON_FUNCTION: fn,
    ...(startupTimeoutMs === LAMBDA_DEFAULT_STARTUP_MS ? undefined : { TENON_STARTUP_TIMEOUT_MS: String(startupTimeoutMs) }),
    ...(manifest.declaredName === undefined ? undefined : { TENON_DECLARED_APP: manifest.declaredName }),
    // As long as the queue's URL, which stands here in its place where bytes are counted.
    TENON_DISPATCHER_QUEUE_URL: {
      "Fn::Sub": `https://sqs.\${AWS::Region}.\${AWS::URLSuffix}/\${AWS::AccountId}/${dispatcherQueue(environment, manifest.name)}`,
    },
    ...manifest.functions[fn]!.env,
  };
}

/**
 * One Function: a Lambda function, its log group, and what feeds it. That is a queue of its own with `maxContainers`, else
 * Lambda's, with the rule that it repeats nothing by itself but tells the dispatcher of each invocation that was lost. The
 * role is the App's.
 */
export function addFunction(
  scope: Construct,
  parts: AppParts,
  fn: string,
  shared: { readonly role: CfnRole; readonly queue: CfnQueue },
): CfnFunction {
  // prettier-ignore
  const { environment, manifest, code, architecture } = parts;
  const plan = parts.plans.get(fn)!;
  const here = new constructs.Construct(scope, `Fn-${fn}`);
  const logs = new aws.logs.CfnLogGroup(here, "Logs", {
    logGroupName: logGroup(environment, manifest.name, fn),
    retentionInDays: parts.logRetentionDays,
  });
  const made = new aws.lambda.CfnFunction(here, "Lambda", {
    functionName: functionName(environment, manifest.name, fn),
    description: `Tenon Function ${manifest.name}/${fn} (${environment})`,
    runtime: "nodejs24.x",
    architectures: [architecture],
    handler: plan.handler,
    code,
    role: shared.role.attrArn,
    memorySize: plan.memoryMiB,
    timeout: plan.timeoutSeconds,
    environment: { variables: { ...functionVariables(parts, fn), TENON_DISPATCHER_QUEUE_URL: shared.queue.ref } as never },
    loggingConfig: { logGroup: logs.ref },
    // Tenon counts the depth of calls itself, with a limit that the App sets.
    recursiveLoop: "Allow",
  });
  core.Tags.of(here).add("tenon:function", fn);
  const { maxContainers } = manifest.functions[fn]!;
  const inputs = addInputQueue(here, parts, fn);
  if (inputs !== undefined && maxContainers !== null) {
    addInputSource(here, made, inputs, maxContainers);
    return made;
  }
  new aws.lambda.CfnEventInvokeConfig(here, "Invocation", {
    functionName: made.ref,
    qualifier: "$LATEST",
    maximumRetryAttempts: 0,
    destinationConfig: { onFailure: { destination: shared.queue.attrArn } },
  });
  return made;
}
