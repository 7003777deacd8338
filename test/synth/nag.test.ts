import { createRequire } from "node:module";
import { afterAll, expect, it } from "vitest";
import { AppStack, EnvironmentStack } from "../../src/synth/index.ts";
import { manifestOf, newFolder, removeFolders, smallAsset } from "./template.ts";

const require = createRequire(import.meta.url);
const { App, Validations } = require("aws-cdk-lib/core") as typeof import("aws-cdk-lib/core");
const { AwsSolutionsChecks } = require("cdk-nag") as typeof import("cdk-nag");

afterAll(removeFolders);

const OWN_PATH = "what follows belongs to this App alone: Functions, calls and attempts, which no template can list";

/** Findings that stand, each with the reason. */
const ACCEPTED: Readonly<Record<string, string>> = {
  "IAM5[Resource::arn:<AWS::Partition>:s3:::tenon-dev-<AWS::AccountId>-<AWS::Region>/dict/seen/*]":
    "what follows belongs to this Dict alone",
  "IAM5[Resource::arn:<AWS::Partition>:s3:::tenon-dev-<AWS::AccountId>-<AWS::Region>/dict/~*/*]":
    "Dicts without names: a random id, which only those know to whom the handle was passed",
  "IAM5[Resource::arn:<AWS::Partition>:s3:::tenon-dev-<AWS::AccountId>-<AWS::Region>/dict/*/*]":
    "the sweeper's, which removes what no Dict holds any more",
  "IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/tenon/dev/#sweeper:*]":
    "Lambda names its log streams itself",
  S1: "the bucket is reached by the Functions' roles only; logs of it would cost more than it does, and CloudTrail can keep them",
  DDB3: "calls live for 30 days at most, and none is worth bringing back",
  SQS3: "a queue that feeds a Function has no dead letters: what becomes of a call stands in its rows, and the dispatcher hands it out again",
  "IAM5[Resource::arn:<AWS::Partition>:s3:::tenon-dev-<AWS::AccountId>-<AWS::Region>/in/wordcount/*]": OWN_PATH,
  "IAM5[Resource::arn:<AWS::Partition>:s3:::tenon-dev-<AWS::AccountId>-<AWS::Region>/out/wordcount/*]": OWN_PATH,
  "IAM5[Resource::arn:<AWS::Partition>:ssm:<AWS::Region>:<AWS::AccountId>:parameter/tenon/dev/apps/wordcount/*]": OWN_PATH,
  "IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/tenon/dev/wordcount/*:*]": OWN_PATH,
  "IAM5[Resource::arn:<AWS::Partition>:logs:<AWS::Region>:<AWS::AccountId>:log-group:/tenon/dev/wordcount/#dispatcher:*]":
    "Lambda names its log streams itself",
};

it("the stacks have no finding of cdk-nag but those with a reason", () => {
  const app = new App({ outdir: newFolder(), builtinCloudFormationValidation: false });
  new EnvironmentStack(app, { environment: "dev" });
  new AppStack(app, {
    environment: "dev",
    manifest: manifestOf(
      { count: {}, genWords: {}, one: { maxContainers: 1 }, two: { maxContainers: 2 } },
      { objects: { dict: [{ name: "seen" }] } },
    ),
    asset: smallAsset(),
  });
  expect(findingsOf(app)).toEqual(Object.keys(ACCEPTED).toSorted());
});

it("an App with a network, a key, traces and an alarm of its own has one finding more", () => {
  const app = new App({ outdir: newFolder(), builtinCloudFormationValidation: false });
  const aws = {
    vpc: { subnetIds: ["subnet-0a1b2c3d"] },
    securityGroups: ["sg-0a1b2c3d"],
    kmsKey: "arn:aws:kms:eu-central-1:123456789012:key/1234abcd",
    tracing: true,
    alarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
  };
  const permissions = [{ actions: ["s3:GetObject"], resources: ["arn:aws:s3:::prices/list.json"] }];
  new AppStack(app, { environment: "dev", manifest: { ...manifestOf({ count: {} }), aws, permissions }, asset: smallAsset() });
  // Traces and network interfaces have no names before they are there.
  expect(findingsOf(app).filter((finding) => ACCEPTED[finding] === undefined)).toEqual(["IAM5[Resource::*]"]);
});

/** Every finding, once. */
function findingsOf(app: InstanceType<typeof App>): readonly string[] {
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  const report = reportOf(() => app.synth());
  return [...new Set([...report.matchAll(/'AwsSolutions::AwsSolutions-([^']+)'/g)].map(([, finding]) => finding!))].toSorted();
}

/** The report is the message of what the synthesis throws. */
function reportOf(run: () => unknown): string {
  try {
    run();
    return "";
  } catch (error) {
    return String(error);
  }
}
