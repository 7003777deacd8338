import type { AppManifest } from "../model/manifest.ts";
import { resource } from "./arns.ts";
import type { AppSettings } from "./app-settings.ts";
import type { Actor } from "./kinds/kind.ts";
import type { Statement } from "./statements.ts";

/** What a role needs because of how its App is set up. */
export type RoleSettings = Pick<AppSettings, "kmsKeyArn" | "tracing"> & { readonly inVpc: boolean };

/** The same of an App that is only planned. */
export function plannedRoleSettings({ aws = {} }: AppManifest): RoleSettings {
  const { kmsKey, tracing = false, vpc } = aws;
  return { tracing, inVpc: vpc !== undefined, ...(kmsKey === undefined ? {} : { kmsKeyArn: kmsKey }) };
}

/** Messages and variables that a key encrypts, segments of traces, network interfaces: Lambda acts in the role's name. */
export function settingsStatements({ kmsKeyArn, tracing, inVpc }: RoleSettings, actor: Actor): readonly Statement[] {
  return [
    ...(kmsKeyArn === undefined ? [] : [allow(["kms:Decrypt", "kms:GenerateDataKey"], kmsKeyArn)]),
    // Callers from outside have neither traces nor a network of the App's.
    ...(tracing && actor !== "caller" ? [allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"], "*")] : []),
    ...(inVpc && actor === "function" ? [allow(NETWORK_INTERFACES, "*")] : []),
  ];
}

// --- Internal helpers ---

/** Those of AWS's policy AWSLambdaVPCAccessExecutionRole: IAM can't narrow most of them, since the interfaces have no names before. */
const NETWORK_INTERFACES = [
  "ec2:AssignPrivateIpAddresses",
  "ec2:CreateNetworkInterface",
  "ec2:DeleteNetworkInterface",
  "ec2:DescribeNetworkInterfaces",
  "ec2:DescribeSubnets",
  "ec2:UnassignPrivateIpAddresses",
];

function allow(actions: readonly string[], on: string): Statement {
  return { Effect: "Allow", Action: actions, Resource: [resource(on)] };
}
