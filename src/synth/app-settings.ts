import type { ISecurityGroup, IVpc, SubnetSelection } from "aws-cdk-lib/aws-ec2";
import type { IKey } from "aws-cdk-lib/aws-kms";
import type { ITopic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";
import { checkDays } from "../model/aws-settings.ts";
import { InvalidError } from "../model/errors.ts";
import type { AppManifest } from "../model/manifest.ts";
import { cdk } from "./cdk-modules.ts";

/** What a CDK app says of an App's resources; each wins over what the App says itself. */
export interface AppOnAwsSettings {
  /** The network that its Functions run in; its dispatcher, which reaches AWS only, stays outside. @default - Lambda's own */
  readonly vpc?: IVpc | undefined;
  /** Which of its subnets. @default - private ones with a NAT gateway, else isolated ones */
  readonly vpcSubnets?: SubnetSelection | undefined;
  /** @default - one of its own, which lets everything out and nothing in */
  readonly securityGroups?: readonly ISecurityGroup[] | undefined;
  /**
   * Encrypts the variables of its Functions, its logs and its queues. What lies in the environment's tables and bucket has the
   * environment's encryption. The policy of an imported key must let `logs.<region>.amazonaws.com` use it.
   * @default - AWS's own keys
   */
  readonly kmsKey?: IKey | undefined;
  /** Days that logs are kept, one of those that CloudWatch Logs knows. @default - what the App says, else 30 */
  readonly logRetentionDays?: number | undefined;
  /** Whether X-Ray traces its Functions and its dispatcher. @default - what the App says, else false */
  readonly tracing?: boolean | undefined;
  /** Is told when the dispatcher could not work on a message. @default - what the App says, else nobody */
  readonly alarmTopic?: ITopic | undefined;
  /** Most containers of all its Functions together: see the option of `new App`. @default - what the App says */
  readonly maxContainers?: number | undefined;
  /** `"reserved"`: every `maxContainers` holds for every call, by reserved concurrency. @default - what the App says */
  readonly enforce?: "reserved" | undefined;
}

/** The same as templates have it. */
export interface AppSettings {
  readonly logRetentionDays: number;
  readonly tracing: boolean;
  readonly kmsKeyArn?: string;
  readonly alarmTopicArn?: string;
  readonly network?: AppNetwork;
  /** Whether Lambda reserves concurrency for each `maxContainers`. */
  readonly reserved: boolean;
}

/** Where Functions run. */
export interface AppNetwork {
  readonly subnetIds: readonly string[];
  readonly securityGroupIds: readonly string[];
  /** Absent when the App named its security groups by their ids. */
  readonly securityGroups?: readonly ISecurityGroup[];
}

const DEFAULT_LOG_DAYS = 30;

/** What an App and a CDK app say, together. Throws `InvalidError` for what does not fit. */
export function settingsOf(scope: Construct, { aws = {}, brake }: AppManifest, props: AppOnAwsSettings): AppSettings {
  const { kmsKey, alarmTopic } = props;
  const kmsKeyArn = kmsKey?.keyArn ?? ownText(aws.kmsKey);
  const alarmTopicArn = alarmTopic?.topicArn ?? ownText(aws.alarmTopic);
  const network = props.vpc === undefined ? declaredNetwork(aws, props) : networkOf(scope, props.vpc, props);
  return {
    logRetentionDays: checkDays("The App's stack", props.logRetentionDays ?? aws.logRetentionDays ?? DEFAULT_LOG_DAYS),
    tracing: props.tracing ?? aws.tracing ?? false,
    reserved: brake?.enforce === "reserved",
    ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
    ...(alarmTopicArn === undefined ? {} : { alarmTopicArn }),
    ...(network === undefined ? {} : { network }),
  };
}

/** Lets CloudWatch Logs use a key for the logs of an App. The policy of an imported key stays as it is. */
export function letLogsUse(key: IKey, environment: string, app: string): void {
  const stack = cdk.core.Stack.of(key);
  const groups = `arn:${stack.partition}:logs:*:*:log-group:/tenon/${environment}/${app}/*`;
  key.addToResourcePolicy(
    new cdk.iam.PolicyStatement({
      principals: [new cdk.iam.ServicePrincipal(`logs.${stack.region}.amazonaws.com`)],
      actions: ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
      resources: ["*"],
      conditions: { ArnLike: { "kms:EncryptionContext:aws:logs:arn": groups } },
    }),
  );
}

// --- Internal helpers ---

/** A text of a manifest, in which `${AWS::Region}` and the like may stand. */
function ownText(text: string | undefined): string | undefined {
  return text?.includes("${") === true ? cdk.core.Fn.sub(text) : text;
}

function declaredNetwork(aws: NonNullable<AppManifest["aws"]>, { vpcSubnets, securityGroups }: AppOnAwsSettings): AppNetwork | undefined {
  if (vpcSubnets !== undefined || securityGroups !== undefined)
    throw new InvalidError("The App's stack has vpcSubnets or securityGroups without a vpc. They belong to a network.", {
      hint: "Add the property vpc.",
    });
  if (aws.vpc === undefined) return undefined;
  return { subnetIds: aws.vpc.subnetIds, securityGroupIds: aws.securityGroups ?? [] };
}

function networkOf(scope: Construct, vpc: IVpc, { vpcSubnets, securityGroups }: AppOnAwsSettings): AppNetwork {
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  const groups = securityGroups ?? [
    new cdk.ec2.SecurityGroup(scope, "SecurityGroup", { vpc, description: `Functions of the Tenon App in ${scope.node.path}` }),
  ];
  return { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId), securityGroups: groups };
}
