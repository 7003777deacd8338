import type { CfnRole } from "aws-cdk-lib/aws-iam";
import type { CfnFunction, CfnFunctionProps } from "aws-cdk-lib/aws-lambda";
import type { CfnQueue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";
import { functionName, logGroup } from "../../model/aws-names.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AppSettings } from "../app-settings.ts";
import { cdk } from "../cdk-modules.ts";
import { dispatcherLambda } from "./calls-dispatcher.ts";
import { addLogs, commonProps } from "../lambda-settings.ts";
import { addInputQueue, addInputSource } from "./functions-inputs.ts";
import { planLambda } from "./functions-plan.ts";
import type { AppResources } from "./kind.ts";

/**
 * One Function: a Lambda function, its log group, and what feeds it. That is a queue of its own with `maxContainers`, else
 * Lambda's, with the rule that it repeats nothing by itself but tells the dispatcher of each invocation that was lost. The
 * role is the App's.
 */
export function addFunction(app: AppResources, fn: string, shared: { readonly role: CfnRole; readonly queue: CfnQueue }): void {
  const { construct, environment, manifest, code, architecture, settings } = app;
  const spec = manifest.functions[fn]!;
  const plan = planLambda(spec);
  const here = new cdk.constructs.Construct(construct, functionId(fn));
  const logs = addLogs(here, logGroup(environment, manifest.name, fn), settings);
  const made = new cdk.lambda.CfnFunction(here, LAMBDA_ID, {
    functionName: functionName(environment, manifest.name, fn),
    description: `Tenon Function ${manifest.name}/${fn} (${environment})`,
    runtime: "nodejs24.x",
    architectures: [architecture],
    handler: plan.handler,
    code,
    role: shared.role.attrArn,
    memorySize: plan.memoryMiB,
    timeout: plan.timeoutSeconds,
    environment: { variables: app.variablesOf(fn) as never },
    ...commonProps(logs, settings),
    ...functionProps(spec, settings),
    // Tenon counts the depth of calls itself, with a limit that the App sets.
    recursiveLoop: "Allow",
  });
  // Where there is no environment it fails first, so that no Function is changed.
  made.node.addDependency(dispatcherLambda(construct));
  cdk.core.Tags.of(here).add("tenon:function", fn);
  const inputs = addInputQueue(here, app, spec, plan);
  if (inputs !== undefined && spec.maxContainers !== null) {
    addInputSource(here, made, inputs, spec.maxContainers);
    return;
  }
  new cdk.lambda.CfnEventInvokeConfig(here, "Invocation", {
    functionName: made.ref,
    qualifier: "$LATEST",
    maximumRetryAttempts: 0,
    destinationConfig: { onFailure: { destination: shared.queue.attrArn } },
  });
}

/** The Lambda function of a Function, once it is made. */
export function lambdaOf(construct: Construct, fn: string): CfnFunction {
  return construct.node.findChild(functionId(fn)).node.findChild(LAMBDA_ID) as CfnFunction;
}

// --- Internal helpers ---

const LAMBDA_ID = "Lambda";

/** Where a Function runs, and how many of it Lambda lets run at a time. */
function functionProps({ maxContainers }: FunctionSpec, { network, reserved }: AppSettings): Partial<CfnFunctionProps> {
  const { subnetIds = [], securityGroupIds = [] } = network ?? {};
  return {
    ...(network === undefined ? {} : { vpcConfig: { subnetIds: [...subnetIds], securityGroupIds: [...securityGroupIds] } }),
    ...(reserved && maxContainers !== null ? { reservedConcurrentExecutions: maxContainers } : {}),
  };
}

function functionId(fn: string): string {
  return `Fn-${fn}`;
}
