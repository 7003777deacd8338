import { expect, it } from "vitest";
import type { AppOptions } from "../../src/model/app-options.ts";
import { checkBootstrap } from "../../src/model/bootstrap.ts";
import { App } from "../../src/index.ts";

const declare = (options: unknown) => new App("shop", options as AppOptions).toManifest();
const KEY = "arn:${AWS::Partition}:kms:${AWS::Region}:${AWS::AccountId}:key/1234abcd-12ab";

it("what an App says of AWS is in its manifest, and nothing when it says nothing", () => {
  const aws = {
    vpc: { subnetIds: ["subnet-0a1b2c3d"] },
    securityGroups: ["sg-0a1b2c3d"],
    kmsKey: KEY,
    logRetentionDays: 7,
    tracing: true,
    alarmTopic: "arn:aws:sns:eu-central-1:123456789012:alarms",
  };
  expect(declare({ ...aws, metrics: true })).toMatchObject({ aws, metrics: true });
  expect(declare({})).not.toHaveProperty("aws");
  expect(declare({})).not.toHaveProperty("metrics");
});

it.each([
  [{ vpc: { subnetIds: ["subnet-0a1b2c3d"] } }, "there is a vpc without securityGroups. Lambda takes both or none."],
  [{ securityGroups: ["sg-0a1b2c3d"] }, "without a vpc. They belong to a network."],
  [{ vpc: "vpc-1", securityGroups: ["sg-0a1b2c3d"] }, 'vpc is "vpc-1". It must be { subnetIds: [...] }.'],
  [
    { vpc: { subnetIds: ["main"] }, securityGroups: ["sg-0a1b2c3d"] },
    'vpc.subnetIds[0] is "main". It must be an id such as subnet-0a1b2c3d.',
  ],
  [{ kmsKey: "alias/shop" }, 'kmsKey is "alias/shop". It must be an ARN such as'],
  [{ alarmTopic: KEY }, "alarmTopic is"],
  [{ logRetentionDays: 8 }, "logRetentionDays is 8. It must be one of 1, 3, 5, 7, 14, 30"],
  [{ tracing: "yes" }, 'tracing is "yes". It must be true or false.'],
  [{ metrics: 1 }, "metrics is 1. It must be true or false."],
  [{ enforce: true }, 'enforce is true. It must be "reserved".'],
  [{ maxContainers: 0 }, "maxContainers is 0. It must be an integer from 1 to 4,000."],
  [{ logRetention: 7 }, "`logRetention` is now `logRetentionDays`."],
  [{ permissionsBoundary: "x" }, "belongs to the command: tenon deploy --permissions-boundary."],
])("%j is refused", (options, message) => {
  expect(() => declare(options)).toThrow(message);
});

it("a qualifier and a permissions boundary are those that AWS takes", () => {
  const boundary = "arn:aws:iam::123456789012:policy/developers";
  expect(checkBootstrap({ qualifier: "shop1", permissionsBoundary: boundary })).toEqual({
    qualifier: "shop1",
    permissionsBoundary: boundary,
  });
  expect(checkBootstrap({})).toEqual({});
  expect(() => checkBootstrap({ qualifier: "much-too-long" })).toThrow('Invalid qualifier: "much-too-long".');
  expect(() => checkBootstrap({ permissionsBoundary: "a b" })).toThrow('Invalid permissions boundary: "a b".');
});
