import { showValue } from "../util/show-value.ts";
import { InvalidError } from "./errors.ts";
import { checkBoolean, isPlainObject } from "./option-checks.ts";
import { withoutPseudoParameters } from "./permissions.ts";

/** A network that exists. */
export interface VpcOptions {
  /** Ids of the subnets in which its Functions run, such as `subnet-0a1b2c3d`; 1 to 16 (Lambda's limit). */
  readonly subnetIds: readonly string[];
}

/** What an App says of its Functions on AWS. The local backend has nothing of it. */
export interface AwsOptions {
  /** The subnets of a VPC that its Functions run in. They must reach AWS's services by a NAT gateway or endpoints; `plan` lists which. @default - none: Lambda's own network */
  readonly vpc?: VpcOptions | undefined;
  /** Ids of security groups of its Functions, such as `sg-0a1b2c3d`; 1 to 5 (Lambda's limit), and only with `vpc`. */
  readonly securityGroups?: readonly string[] | undefined;
  /** ARN of a KMS key that encrypts the variables of its Functions, its logs and its queues. What lies in the environment's tables and bucket has the environment's encryption. @default - AWS's own keys */
  readonly kmsKey?: string | undefined;
  /** Days that its logs are kept, one of those that CloudWatch Logs knows. @default 30 */
  readonly logRetentionDays?: number | undefined;
  /** Whether X-Ray traces its Functions and its dispatcher ($5 for a million traces). @default false */
  readonly tracing?: boolean | undefined;
  /** ARN of an SNS topic that is told when the dispatcher could not work on a message ($0.10 a month). @default - nobody is told */
  readonly alarmTopic?: string | undefined;
}

/** The same, checked: what was not said is absent. */
export interface AwsSettings {
  readonly vpc?: VpcOptions;
  readonly securityGroups?: readonly string[];
  readonly kmsKey?: string;
  readonly logRetentionDays?: number;
  readonly tracing?: boolean;
  readonly alarmTopic?: string;
}

/** The names of these options. */
export const AWS_OPTIONS = ["vpc", "securityGroups", "kmsKey", "logRetentionDays", "tracing", "alarmTopic"] as const;

/** Days that CloudWatch Logs takes: `retentionInDays` of PutRetentionPolicy in its API reference. */
export const LOG_DAYS: readonly number[] = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653,
];

/** These options of an App, checked. Throws `InvalidError` for a value that AWS does not take. */
export function resolveAwsSettings(what: string, given: Readonly<Record<string, unknown>>): AwsSettings {
  const { vpc, securityGroups, kmsKey, logRetentionDays, tracing, alarmTopic } = given;
  if (vpc === undefined && securityGroups !== undefined)
    throw new InvalidError(`${what}: securityGroups is ${showValue(securityGroups)} without a vpc. They belong to a network.`, {
      hint: 'Add vpc: { subnetIds: ["subnet-…"] }.',
    });
  if (vpc !== undefined && securityGroups === undefined)
    throw new InvalidError(`${what}: there is a vpc without securityGroups. Lambda takes both or none.`, {
      hint: 'Add securityGroups: ["sg-…"].',
    });
  return {
    ...(vpc === undefined ? {} : { vpc: checkVpc(what, vpc) }),
    ...(securityGroups === undefined ? {} : { securityGroups: checkIds(what, "securityGroups", securityGroups, SECURITY_GROUPS) }),
    ...(kmsKey === undefined ? {} : { kmsKey: checkArn(what, "kmsKey", kmsKey, KEY) }),
    ...(logRetentionDays === undefined ? {} : { logRetentionDays: checkDays(what, logRetentionDays) }),
    ...(tracing === undefined ? {} : { tracing: checkBoolean(what, "tracing", tracing) }),
    ...(alarmTopic === undefined ? {} : { alarmTopic: checkArn(what, "alarmTopic", alarmTopic, TOPIC) }),
  };
}

/** Days that logs are kept, when CloudWatch Logs knows them. Throws `InvalidError` otherwise. */
export function checkDays(what: string, days: unknown): number {
  if (typeof days === "number" && LOG_DAYS.includes(days)) return days;
  throw new InvalidError(`${what}: logRetentionDays is ${showValue(days)}. It must be one of ${LOG_DAYS.join(", ")}.`, {
    hint: "Write logRetentionDays: 30.",
  });
}

// --- Internal helpers ---

/** "Lambda quotas" in its manual: 16 subnets and 5 security groups for a function. */
const SUBNETS = { pattern: /^subnet-[0-9a-f]{8,17}$/, most: 16, example: "subnet-0a1b2c3d" };
const SECURITY_GROUPS = { pattern: /^sg-[0-9a-f]{8,17}$/, most: 5, example: "sg-0a1b2c3d" };

const KEY = { pattern: /^arn:[\w-]*:kms:[\w-]*:\d*:key\/[\w-]+$/, example: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd" };
const TOPIC = { pattern: /^arn:[\w-]*:sns:[\w-]*:\d*:[\w-]+$/, example: "arn:aws:sns:eu-central-1:123456789012:alarms" };

function checkVpc(what: string, vpc: unknown): VpcOptions {
  const other = isPlainObject(vpc) ? Object.keys(vpc).find((key) => key !== "subnetIds") : undefined;
  if (!isPlainObject(vpc) || other !== undefined)
    throw new InvalidError(`${what}: vpc is ${showValue(vpc)}. It must be { subnetIds: [...] }.`, {
      hint: 'Write vpc: { subnetIds: ["subnet-…"] }, or give AppConstruct a vpc of your CDK app.',
    });
  return { subnetIds: checkIds(what, "vpc.subnetIds", vpc["subnetIds"], SUBNETS) };
}

function checkIds(what: string, name: string, value: unknown, { pattern, most, example }: typeof SUBNETS): readonly string[] {
  const fits = Array.isArray(value) && value.length > 0 && value.length <= most;
  if (!fits)
    throw new InvalidError(`${what}: ${name} is ${showValue(value)}. It must be an array of 1 to ${most} ids.`, {
      hint: `Write ${name}: ["${example}"].`,
    });
  return value.map((id: unknown, index) => {
    if (typeof id === "string" && pattern.test(id)) return id;
    throw new InvalidError(`${what}: ${name}[${index}] is ${showValue(id)}. It must be an id such as ${example}.`);
  });
}

function checkArn(what: string, name: string, value: unknown, { pattern, example }: typeof KEY): string {
  if (typeof value === "string" && pattern.test(withoutPseudoParameters(value))) return value;
  throw new InvalidError(`${what}: ${name} is ${showValue(value)}. It must be an ARN such as ${example}.`, {
    hint: "Write ${AWS::Partition}, ${AWS::Region} and ${AWS::AccountId} in it for the stack's own.",
  });
}
