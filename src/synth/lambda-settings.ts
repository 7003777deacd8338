import type { CfnFunctionProps } from "aws-cdk-lib/aws-lambda";
import type { CfnLogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import type { AppSettings } from "./app-settings.ts";
import { cdk } from "./cdk-modules.ts";

/** The log group of a Lambda function of an App. */
export function addLogs(scope: Construct, logGroupName: string, { logRetentionDays, kmsKeyArn }: AppSettings): CfnLogGroup {
  return new cdk.logs.CfnLogGroup(scope, "Logs", {
    logGroupName,
    retentionInDays: logRetentionDays,
    ...(kmsKeyArn === undefined ? {} : { kmsKeyId: kmsKeyArn }),
  });
}

/**
 * How every Lambda function of an App logs, is traced, and keeps its variables.
 *
 * Lambda itself writes only what went wrong: its three lines for each invocation are some 340 bytes, more than most calls
 * print. Lines that are JSON already, as all of Tenon's are, stay as they are.
 */
export function commonProps(logs: CfnLogGroup, { kmsKeyArn, tracing }: AppSettings): Partial<CfnFunctionProps> {
  return {
    loggingConfig: { logGroup: logs.ref, logFormat: "JSON", systemLogLevel: "WARN" },
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    ...(tracing ? { tracingConfig: { mode: "Active" } } : {}),
  };
}
