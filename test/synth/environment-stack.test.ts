import { afterAll, describe, expect, it } from "vitest";
import { InvalidError } from "../../src/model/errors.ts";
import { environmentTemplate, ofType, removeFolders } from "./template.ts";

afterAll(removeFolders);

const template = environmentTemplate("dev");

describe("the stack of an environment", () => {
  it("is this", async () => {
    await expect(`${JSON.stringify(template, null, 2)}\n`).toMatchFileSnapshot("environment.template.json");
  });

  it("holds no resource that costs money while nothing runs, no custom resource and no export", () => {
    expect(
      Object.values(template.Resources)
        .map(({ Type }) => Type)
        .toSorted(),
    ).toEqual(["AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SSM::Parameter"]);
    expect(template.Outputs).toBeUndefined();
  });

  it("lets calls expire and keeps data", () => {
    const [calls, data] = ofType(template, "AWS::DynamoDB::Table");
    expect(calls!.Properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expiresAt", Enabled: true });
    expect(calls!.Properties["PointInTimeRecoverySpecification"]).toBeUndefined();
    expect(data).toMatchObject({
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: { DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    });
  });

  it("has a bucket that is private, encrypted, and refuses plain HTTP", () => {
    const [bucket] = ofType(template, "AWS::S3::Bucket");
    expect(Object.values(bucket!.Properties["PublicAccessBlockConfiguration"])).toEqual([true, true, true, true]);
    expect(bucket!.Properties["BucketName"]).toEqual({ "Fn::Sub": "tenon-dev-${AWS::AccountId}-${AWS::Region}" });
    const rules = bucket!.Properties["LifecycleConfiguration"].Rules as { Prefix: string; ExpirationInDays: number }[];
    expect(rules.map(({ Prefix, ExpirationInDays }) => [Prefix, ExpirationInDays])).toEqual([
      ["in/", 31],
      ["out/", 31],
    ]);
    const [policy] = ofType(template, "AWS::S3::BucketPolicy");
    expect(policy!.Properties["PolicyDocument"].Statement[0]).toMatchObject({
      Effect: "Deny",
      Condition: { Bool: { "aws:SecureTransport": "false" } },
    });
  });

  it("can be made without protection, which a stack that is not yet made to its end could not remove", () => {
    const [, data] = ofType(environmentTemplate("dev", { deletionProtection: false }), "AWS::DynamoDB::Table");
    expect(data!.Properties["DeletionProtectionEnabled"]).toBe(false);
  });

  it("writes the bucket's name out where account and region are known, so that CloudFormation can take it over", () => {
    const [bucket] = ofType(environmentTemplate("dev", { env: { account: "123456789012", region: "eu-west-1" } }), "AWS::S3::Bucket");
    expect(bucket).toMatchObject({
      DeletionPolicy: "RetainExceptOnCreate",
      Properties: { BucketName: "tenon-dev-123456789012-eu-west-1" },
    });
  });

  it("is refused for a name that does not fit into others", () => {
    expect(() => environmentTemplate("My-Env")).toThrow(InvalidError);
  });
});
