import type { CfnBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { sweeperLogGroup, sweeperName } from "../model/aws-names.ts";
import { BundleError } from "../model/errors.ts";
import { OPEN_MODES, openModes } from "../util/open-modes.ts";
import { tenonDir } from "../util/package-dir.ts";
import { createRole } from "./app-role.ts";
import { cdk } from "./cdk-modules.ts";
import { sweeperStatements } from "./statements.ts";
import { untagged } from "./untagged.ts";

/** What an environment's sweeper is made from. */
export interface SweeperProps {
  readonly environment: string;
  readonly bucket: CfnBucket;
  /** Folder with `sweeper.mjs` and what it loads. @default - this Tenon's own */
  readonly dir?: string | undefined;
}

/**
 * The Lambda function that removes once a day what is left of an environment's objects: the only one whose role reaches
 * across Apps. A day on which it fails is made up for by the next.
 */
export class EnvironmentSweeper extends cdk.constructs.Construct {
  constructor(scope: Construct, id: string, { environment, bucket, dir }: SweeperProps) {
    super(scope, id);
    const log = sweeperLogGroup(environment);
    const logs = new cdk.logs.CfnLogGroup(this, "Logs", { logGroupName: log, retentionInDays: LOG_DAYS });
    const lambda = new cdk.lambda.CfnFunction(this, "Lambda", {
      functionName: sweeperName(environment),
      description: `Tenon sweeper of the environment ${environment}`,
      runtime: "nodejs24.x",
      architectures: ["arm64"],
      handler: "sweeper.handler",
      code: this.#code(dir ?? join(tenonDir(), "dist", "lambda")),
      role: createRole(this, "Role", sweeperStatements(environment, log)).attrArn,
      memorySize: MEMORY_MIB,
      timeout: TIMEOUT_SECONDS,
      environment: { variables: { TENON_ENVIRONMENT: environment, TENON_BUCKET: bucket.ref } as never },
      loggingConfig: { logGroup: logs.ref },
    });
    const rule = untagged(
      new cdk.events.CfnRule(this, "Daily", {
        description: `What is left of objects of the Tenon environment ${environment}`,
        scheduleExpression: "rate(1 day)",
        state: "ENABLED",
        targets: [{ id: "sweeper", arn: lambda.attrArn }],
      }),
    );
    new cdk.lambda.CfnPermission(this, "DailyPermission", {
      functionName: lambda.ref,
      action: "lambda:InvokeFunction",
      principal: "events.amazonaws.com",
      sourceArn: rule.attrArn,
    });
    cdk.core.Tags.of(this).add("tenon:part", "sweeper");
  }

  #code(dir: string): { readonly s3Bucket: string; readonly s3Key: string } {
    if (!existsSync(join(dir, HANDLER_FILE)))
      throw new BundleError(`There is no sweeper in ${dir}.`, { hint: "Install the package tenon again." });
    const stack = cdk.core.Stack.of(this);
    const staging = new cdk.core.AssetStaging(this, "Code", {
      sourcePath: dir,
      exclude: ["*", ...FILES.map((name) => `!${name}`)],
      ignoreMode: cdk.core.IgnoreMode.GIT,
      extraHash: OPEN_MODES,
    });
    // The package's files have the modes that its installation has given them. Without staging they stay where they are.
    if (staging.absoluteStagedPath !== dir) openModes(staging.absoluteStagedPath);
    const { bucketName, objectKey } = stack.synthesizer.addFileAsset({
      fileName: staging.relativeStagedPath(stack),
      packaging: cdk.core.FileAssetPackaging.ZIP_DIRECTORY,
      sourceHash: staging.assetHash,
      displayName: "Tenon sweeper code",
    });
    return { s3Bucket: bucketName, s3Key: objectKey };
  }
}

// --- Internal helpers ---

const LOG_DAYS = 30;
const MEMORY_MIB = 512;
/** The most that Lambda gives: a large bucket takes several days. */
const TIMEOUT_SECONDS = 900;

/** Of Tenon's files for Lambda, those that the sweeper loads. */
const HANDLER_FILE = "sweeper.mjs";
const FILES = [HANDLER_FILE, "aws-core.mjs", "aws-dynamodb.mjs", "aws-s3.mjs"];
