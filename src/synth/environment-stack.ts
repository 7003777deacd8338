import { AWS_CALL_ROW_MS } from "../adapters/calls/limits.ts";
import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { StackProps } from "aws-cdk-lib/core";
import type { Construct } from "constructs";
import {
  blobBucket,
  callsTable,
  checkAwsEnvironment,
  dataTable,
  environmentStack,
  environmentVersionParameter,
  OBJECTS_INDEX,
} from "../model/aws-names.ts";
import { ENVIRONMENT_VERSION } from "../model/environment-version.ts";
import { cdk } from "./cdk-modules.ts";
import { EnvironmentSweeper } from "./environment-sweeper.ts";
import { tlsOnly } from "./tls-only.ts";

/** What an environment's stack is made from, beside what every stack takes. */
export interface EnvironmentStackProps extends Omit<StackProps, "stackName"> {
  /** 1 to 16 lower-case letters and digits, a letter first. */
  readonly environment: string;
  /**
   * Whether the data table is protected from deletion. Set it once the stack stands, as `tenon env deploy` does by itself: when a
   * first deploy fails, CloudFormation could not remove a protected table again, and the next deploy would fail for its name.
   * @default false
   */
  readonly deletionProtection?: boolean;
  /** Folder with the code of the sweeper; `null` leaves the sweeper out. @default - this Tenon's own */
  readonly sweeperDir?: string | null | undefined;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

/** Days that objects of calls are kept: a day longer than any row that names them. */
const OBJECT_DAYS = AWS_CALL_ROW_MS / DAY_MS + 1;

/**
 * The stack `tenon-<environment>`: what all Apps of an environment share. It costs less than a cent a month while nothing runs.
 *
 * Tables on demand, whose rows expire by `expiresAt`: `calls` and `data` (point-in-time recovery, an index of objects, and
 * deletion protection from the first update on); a private bucket that takes TLS only, whose objects of calls expire after 31 days; a Lambda function that
 * removes what is left of objects, once a day; the environment's version in SSM. The data table and the bucket stay when the stack is deleted, unless it was never made to its end.
 */
export class EnvironmentStack extends cdk.core.Stack {
  constructor(scope: Construct, props: EnvironmentStackProps) {
    const { environment, deletionProtection = false, sweeperDir, ...stack } = props;
    const name = environmentStack(checkAwsEnvironment(environment));
    super(scope, name, { description: `Tenon environment ${environment}`, ...stack, stackName: name });
    cdk.core.Tags.of(this).add("tenon:environment", environment);

    const key = {
      keySchema: [
        { attributeName: "pk", keyType: "HASH" },
        { attributeName: "sk", keyType: "RANGE" },
      ],
      billingMode: "PAY_PER_REQUEST",
      timeToLiveSpecification: { attributeName: "expiresAt", enabled: true },
    };
    const keyAttributes = [
      { attributeName: "pk", attributeType: "S" },
      { attributeName: "sk", attributeType: "S" },
    ];
    new cdk.dynamodb.CfnTable(this, "Calls", {
      ...key,
      tableName: callsTable(environment),
      attributeDefinitions: keyAttributes,
    });
    const data = new cdk.dynamodb.CfnTable(this, "Data", {
      ...key,
      tableName: dataTable(environment),
      attributeDefinitions: [
        ...keyAttributes,
        { attributeName: "listed", attributeType: "S" },
        { attributeName: "listedAt", attributeType: "N" },
      ],
      globalSecondaryIndexes: [
        {
          indexName: OBJECTS_INDEX,
          keySchema: [
            { attributeName: "listed", keyType: "HASH" },
            { attributeName: "listedAt", keyType: "RANGE" },
          ],
          projection: { projectionType: "KEYS_ONLY" },
        },
      ],
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtectionEnabled: deletionProtection,
    });
    data.applyRemovalPolicy(cdk.core.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    const bucket = this.#addBucket(environment);
    if (sweeperDir !== null) new EnvironmentSweeper(this, "Sweeper", { environment, bucket, dir: sweeperDir });
    new cdk.ssm.CfnParameter(this, "Version", {
      name: environmentVersionParameter(environment),
      type: "String",
      value: String(ENVIRONMENT_VERSION),
      description: `Version of the Tenon environment ${environment}`,
    });
  }

  #addBucket(environment: string): CfnBucket {
    const expiring = (prefix: string): object => ({
      id: `calls-${prefix}`,
      prefix: `${prefix}/`,
      status: "Enabled",
      expirationInDays: OBJECT_DAYS,
      abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
    });
    const bucket = new cdk.s3.CfnBucket(this, "Bucket", {
      bucketName: this.#bucketName(environment),
      bucketEncryption: { serverSideEncryptionConfiguration: [{ serverSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      publicAccessBlockConfiguration: {
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      ownershipControls: { rules: [{ objectOwnership: "BucketOwnerEnforced" }] },
      lifecycleConfiguration: { rules: [expiring("in"), expiring("out")] as never },
    });
    bucket.applyRemovalPolicy(cdk.core.RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
    // It goes with the stack: one that stayed could not be made again by the next stack that takes the bucket over.
    new cdk.s3.CfnBucketPolicy(this, "BucketPolicy", {
      bucket: bucket.ref,
      policyDocument: tlsOnly("s3", [bucket.attrArn, cdk.core.Fn.join("", [bucket.attrArn, "/*"])]),
    });
    return bucket;
  }

  /** Written out where `env` says account and region: CloudFormation takes a bucket over by a literal name only. */
  #bucketName(environment: string): string {
    const isKnown = !cdk.core.Token.isUnresolved(this.account) && !cdk.core.Token.isUnresolved(this.region);
    if (isKnown) return blobBucket(environment, this.account, this.region);
    return cdk.core.Fn.sub(blobBucket(environment, "${AWS::AccountId}", "${AWS::Region}"));
  }
}
