import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { dataTable, OBJECTS_INDEX } from "../../src/model/aws-names.ts";
import { InvalidError } from "../../src/model/errors.ts";
import { synthEnvironment } from "../../src/synth/index.ts";
import { evaluate, type PolicyRequest } from "../helpers/policy.ts";
import { environmentTemplate, newFolder, ofType, removeFolders, statementsOfRole, type Template } from "./template.ts";

afterAll(removeFolders);

const template = environmentTemplate("dev", { deletionProtection: true });

describe("the stack of an environment", () => {
  it("is this", async () => {
    await expect(`${JSON.stringify(template, null, 2)}\n`).toMatchFileSnapshot("environment.template.json");
  });

  const typesOf = ({ Resources }: Template): readonly string[] =>
    Object.values(Resources)
      .map(({ Type }) => Type)
      .toSorted();
  const DATA = ["AWS::DynamoDB::Table", "AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::S3::BucketPolicy", "AWS::SSM::Parameter"];

  it("holds no resource that costs money while nothing runs but a daily sweeper, no custom resource and no export", () => {
    const sweeper = ["AWS::Events::Rule", "AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Lambda::Permission", "AWS::Logs::LogGroup"];
    expect(typesOf(template)).toEqual([...DATA, ...sweeper].toSorted());
    expect(template.Outputs).toBeUndefined();
  });

  it("can do without its sweeper", () => {
    expect(typesOf(environmentTemplate("dev", { sweeperDir: null }))).toEqual(DATA);
  });

  it("has a sweeper that every user may read, whatever modes the package was installed with", () => {
    const [installed, outputDir] = [newFolder(), newFolder()];
    writeFileSync(join(installed, "sweeper.mjs"), "export {};", { mode: 0o600 });
    synthEnvironment("dev", { outputDir, sweeperDir: installed });
    const staged = readdirSync(outputDir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith("sweeper.mjs"));
    expect(staged.map((path) => statSync(join(outputDir, path)).mode & 0o777)).toEqual([0o644]);
  });

  it("lists objects by an index that holds keys only", () => {
    const [, data] = ofType(template, "AWS::DynamoDB::Table");
    expect(data!.Properties["GlobalSecondaryIndexes"]).toMatchObject([{ IndexName: OBJECTS_INDEX, Projection: { ProjectionType: "KEYS_ONLY" } }]); // prettier-ignore
  });

  it("has a sweeper that wakes up once a day, with its environment, its bucket and the files that it loads", () => {
    const [lambda] = ofType(template, "AWS::Lambda::Function");
    expect(lambda!.Properties).toMatchObject({ Handler: "sweeper.handler", Timeout: 900, Architectures: ["arm64"] });
    expect(lambda!.Properties["Environment"].Variables).toEqual({ TENON_ENVIRONMENT: "dev", TENON_BUCKET: { Ref: "Bucket" } });
    expect(ofType(template, "AWS::Events::Rule")[0]!.Properties["ScheduleExpression"]).toBe("rate(1 day)");
    const outputDir = newFolder();
    synthEnvironment("dev", { outputDir });
    const staged = readdirSync(outputDir).find((name) => name.startsWith("asset."))!;
    expect(readdirSync(join(outputDir, staged)).toSorted()).toEqual(["aws-core.mjs", "aws-dynamodb.mjs", "aws-s3.mjs", "sweeper.mjs"]);
  });

  it("is the only one that reaches the Dicts of all Apps, and reaches nothing else", () => {
    const may = statementsOfRole(template, (id) => id.startsWith("Sweeper"));
    const table = `arn:aws:dynamodb:eu-central-1:123456789012:table/${dataTable("dev")}`;
    const row = (action: string, key: string): PolicyRequest => ({
      action: `dynamodb:${action}`,
      resource: table,
      context: { "dynamodb:LeadingKeys": [key] },
    });
    for (const key of ["dict#seen#", "dict#seen#di-1", "dict#~di-1#di-1", "sweep#dict"])
      expect([key, evaluate(may, row("DeleteItem", key))]).toEqual([key, "allowed"]);
    for (const key of ["queue#seen#", "dict", "sweep#queue"]) expect([key, evaluate(may, row("DeleteItem", key))]).toEqual([key, "denied"]);
    expect(evaluate(may, { action: "dynamodb:Scan", resource: table })).toBe("denied");
    const bucket = "arn:aws:s3:::tenon-dev-123456789012-eu-central-1";
    expect(evaluate(may, { action: "s3:DeleteObject", resource: `${bucket}/dict/seen/di-1/h/v` })).toBe("allowed");
    expect(evaluate(may, { action: "s3:DeleteObject", resource: `${bucket}/in/shop/count/fc-1/in-1` })).toBe("denied");
    expect(evaluate(may, { action: "s3:GetObject", resource: `${bucket}/dict/seen/di-1/h/v` })).toBe("denied");
  });

  it("lets calls and pairs expire and keeps data", () => {
    const [calls, data] = ofType(template, "AWS::DynamoDB::Table");
    expect(calls!.Properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expiresAt", Enabled: true });
    expect(data!.Properties["TimeToLiveSpecification"]).toEqual({ AttributeName: "expiresAt", Enabled: true });
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

  it("protects nothing at first: what is protected could not be taken back when a first deploy fails", () => {
    const [, data] = ofType(environmentTemplate("dev"), "AWS::DynamoDB::Table");
    expect(data!.Properties["DeletionProtectionEnabled"]).toBe(false);
  });

  it("keeps what holds data but for a first deploy that fails, and no other resource", () => {
    const policies = Object.entries(template.Resources).flatMap(([id, { DeletionPolicy }]) => (DeletionPolicy === undefined ? [] : [[id, DeletionPolicy]])); // prettier-ignore
    expect(Object.fromEntries(policies)).toEqual({ Data: "RetainExceptOnCreate", Bucket: "RetainExceptOnCreate" });
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
