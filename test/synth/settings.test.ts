import { readFileSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib/core";
import { Template as Assertions } from "aws-cdk-lib/assertions";
import { AttributeType, Table } from "aws-cdk-lib/aws-dynamodb";
import {
  CfnRoute,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  type SubnetSelection,
  SubnetType,
  Vpc,
  type VpcAttributes,
} from "aws-cdk-lib/aws-ec2";
import { Key } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { afterAll, describe, expect, it } from "vitest";
import type { FunctionOptions } from "../../src/model/function-options.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import { planApp, planRoles } from "../../src/synth/app-plan.ts";
import { AppConstruct, type AppConstructProps, type AppOnAwsOptions, synthApp } from "../../src/synth/index.ts";
import { App as TenonApp } from "../../src/index.ts";
import { policyCharacters } from "../../src/synth/policy-size.ts";
import { evaluate, type PolicyRequest, type PolicyStatement } from "../helpers/policy.ts";
import { appTemplate, deployed, manifestOf, newFolder, ofType, removeFolders, smallAsset, type Template } from "./template.ts";

afterAll(removeFolders);

const TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/prices";
const read: PolicyRequest = { action: "dynamodb:GetItem", resource: "arn:aws:dynamodb:eu-central-1:123456789012:table/prices" };

function declared(options: ConstructorParameters<typeof TenonApp>[1], functions: Readonly<Record<string, FunctionOptions>>): AppManifest {
  const app = new TenonApp("wordcount", options);
  for (const [name, own] of Object.entries(functions)) app.function(name, own, () => name);
  return app.toManifest();
}

/** What the role of a Function may do: its own policies, managed ones, and those that a CDK app adds. */
function statementsOf(from: Template, fn: string): readonly PolicyStatement[] {
  const lambda = ofType(from, "AWS::Lambda::Function").find(({ Properties }) => Properties["Environment"].Variables.TENON_FUNCTION === fn)!;
  const id = lambda.Properties["Role"]["Fn::GetAtt"][0] as string;
  const { Policies, ManagedPolicyArns = [] } = from.Resources[id]!.Properties;
  const managed = (ManagedPolicyArns as { Ref: string }[]).map(({ Ref }) => from.Resources[Ref]!.Properties);
  const added = ofType(from, "AWS::IAM::Policy").flatMap(({ Properties }) => {
    const roles = Properties["Roles"] as { Ref: string }[];
    return roles.some(({ Ref }) => Ref === id) ? [Properties] : [];
  });
  return [...Policies, ...managed, ...added].flatMap(({ PolicyDocument }) => deployed(PolicyDocument).Statement as PolicyStatement[]);
}

/** An App in a CDK app, beside what `make` adds. */
function inCdkApp(
  make: (stack: Stack) => Partial<AppOnAwsOptions>,
  {
    manifest = manifestOf({ count: {}, split: {} }),
    after,
  }: { manifest?: AppManifest; after?: (app: AppConstruct, stack: Stack) => void } = {},
): Template {
  const stack = new Stack(new App({ builtinCloudFormationValidation: false } as never), "Shop");
  const props = { environment: "dev", manifest, asset: smallAsset(), ...make(stack) } as AppConstructProps;
  const app = new AppConstruct(stack, "App", props);
  after?.(app, stack);
  return Assertions.fromStack(stack).toJSON() as Template;
}

describe("permissions", () => {
  it("of a Function are in its role alone, and Functions with the same share one", () => {
    const permissions = [{ actions: ["dynamodb:GetItem"], resources: [TABLE] }];
    const template = appTemplate(declared({}, { price: { permissions }, sell: { permissions }, count: {} }));
    expect(["price", "sell", "count"].map((fn) => evaluate(statementsOf(template, fn), read))).toEqual(["allowed", "allowed", "denied"]);
    expect(ofType(template, "AWS::IAM::Role")).toHaveLength(3);
    expect(evaluate(statementsOf(template, "price"), { ...read, action: "dynamodb:PutItem" })).toBe("denied");
  });

  it("of the App are in every role of its Functions, and not in the dispatcher's", () => {
    const permissions = [{ actions: ["ses:SendEmail"], resources: ["*"] }];
    const template = appTemplate(
      declared({ permissions }, { price: { permissions: [{ actions: ["sns:Publish"], resources: ["*"] }] }, count: {} }),
    );
    const send = { action: "ses:SendEmail", resource: "arn:aws:ses:eu-central-1:123456789012:identity/shop.example" };
    expect(["price", "count"].map((fn) => evaluate(statementsOf(template, fn), send))).toEqual(["allowed", "allowed"]);
    const roles = ofType(template, "AWS::IAM::Role").filter(({ Properties }) => JSON.stringify(Properties).includes("ses:SendEmail"));
    expect(roles).toHaveLength(2);
    expect(ofType(template, "AWS::IAM::Role")).toHaveLength(3);
  });

  it("that do not fit into a role's own policies are managed ones, each small enough", () => {
    const resources = (at: number): string[] => Array.from({ length: 30 }, (_, i) => `arn:aws:s3:::${"b".repeat(60)}${at}-${i}/*`);
    const permissions = [0, 1, 2, 3, 4].map((at) => ({ actions: ["s3:GetObject"], resources: resources(at) }));
    const template = appTemplate(declared({ permissions }, { count: {} }));
    const managed = ofType(template, "AWS::IAM::ManagedPolicy").map(
      ({ Properties }) => JSON.stringify(Properties["PolicyDocument"]).length,
    );
    expect(managed.length).toBeGreaterThan(1);
    for (const characters of managed) expect(characters).toBeLessThanOrEqual(6_144);
    const last = { action: "s3:GetObject", resource: `arn:aws:s3:::${"b".repeat(60)}4-29/x` };
    expect(evaluate(statementsOf(template, "count"), last)).toBe("allowed");
  });

  it("are counted with the longest text that may stand for what only a deploy knows", () => {
    const filledIn = (piece: unknown): number => policyCharacters([piece]) - '[""]'.length;
    expect(filledIn({ Ref: "AWS::Region" })).toBe("ap-southeast-99".length);
    expect(filledIn({ "Fn::Sub": "arn:${AWS::Partition}:s3:::${Bucket}/*" })).toBe("arn:aws-us-gov:s3:::/*".length + 100);
    expect(filledIn({ "Fn::Join": [":", ["arn", { Ref: "AWS::AccountId" }, { "Fn::GetAtt": ["Table", "Arn"] }]] })).toBe(
      "arn:123456789012:".length + 100,
    );
  });

  it("are shown by plan, and by the words of roles", () => {
    const permissions = [{ actions: ["dynamodb:GetItem"], resources: [TABLE] }];
    const manifest = declared({ permissions: [{ actions: ["*"], resources: ["*"] }] }, { price: { permissions }, count: {} });
    expect(planApp(manifest, "dev").permissions).toEqual([
      { functions: ["price", "count"], actions: ["*"], resources: ["*"] },
      { functions: ["price"], ...permissions[0] },
    ]);
    const words = planRoles(manifest, "dev").flatMap(({ who, may }) =>
      may.filter((line) => /prices|every/.test(line)).map((line) => [who, line]),
    );
    expect(words).toEqual([
      ["price", "* every resource of every account that lets it"],
      ["price", "read the table prices"],
      ["count", "* every resource of every account that lets it"],
    ]);
  });
});

describe("what a CDK app grants", () => {
  const publish = { actions: ["sns:Publish"], resources: ["*"] };
  const manifest = declared({}, { price: { permissions: [publish] }, count: {} });
  const tableOf = (stack: Stack): Table => new Table(stack, "Prices", { partitionKey: { name: "id", type: AttributeType.STRING } });
  const onTable = (action: string): PolicyRequest => ({ action: `dynamodb:${action}`, resource: "PricesArn" });
  /** Which Functions may do it; references to the table stand for its ARN. */
  function whoMay(template: Template, action: string): readonly string[] {
    const named = (text: unknown): unknown =>
      JSON.parse(JSON.stringify(text).replaceAll(/\{"Fn::GetAtt":\["Prices[^\]]*\]\}/g, '"PricesArn"'), (_, value: unknown) =>
        typeof value === "object" && value !== null && "Ref" in value ? "none" : value,
      );
    return ["price", "count"].filter(
      (fn) => evaluate(named(statementsOf(template, fn)) as readonly PolicyStatement[], onTable(action)) === "allowed",
    );
  }

  it("to the App, each role of its Functions gets", () => {
    const template = inCdkApp(() => ({}), { manifest, after: (app, stack) => tableOf(stack).grantReadWriteData(app) });
    expect(whoMay(template, "PutItem")).toEqual(["price", "count"]);
    expect(whoMay(template, "DeleteTable")).toEqual([]);
  });

  it("to one Function, its role gets", () => {
    const template = inCdkApp(() => ({}), { manifest, after: (app, stack) => tableOf(stack).grantReadData(app.functions["price"]!) });
    expect(whoMay(template, "GetItem")).toEqual(["price"]);
    const same = inCdkApp(() => ({}), { manifest, after: (app, stack) => tableOf(stack).grantReadData(app.roleOf("count")) });
    expect(whoMay(same, "GetItem")).toEqual(["count"]);
  });

  it("has one role to name when the Functions share one, and says which there are otherwise", () => {
    inCdkApp(() => ({}), { after: (app) => expect(app.role).toBe(app.roleOf("count")) });
    inCdkApp(() => ({}), {
      manifest,
      after: (app) => {
        expect(() => app.role).toThrow('App "wordcount" has 2 roles, by what its Functions may do: price | count.');
        expect(() => app.roleOf("other")).toThrow(/other/);
      },
    });
  });

  it("is refused when it is more than a role takes", () => {
    const grantAll = (app: AppConstruct, stack: Stack): void => {
      for (let i = 0; i < 60; i++) Table.fromTableName(stack, `T${i}`, `${"t".repeat(150)}${i}`).grantReadWriteData(app);
    };
    expect(() => inCdkApp(() => ({}), { after: grantAll })).toThrow(
      /The role of count, split would have \d+ characters of policies.*IAM takes 10240/,
    );
  });
});

describe("the network of an App", () => {
  const isolated = (stack: Stack): Vpc =>
    new Vpc(stack, "Net", { maxAzs: 2, subnetConfiguration: [{ name: "inner", subnetType: SubnetType.PRIVATE_ISOLATED }] });

  it("is its Functions', with a security group, and not its dispatcher's; its role may make network interfaces", () => {
    const template = inCdkApp((stack) => ({ vpc: new Vpc(stack, "Net", { maxAzs: 2, natGateways: 1 }) as IVpc }));
    const placed = ofType(template, "AWS::Lambda::Function").map(({ Properties }) => {
      const fn = Properties["Environment"].Variables.TENON_FUNCTION as string | undefined;
      return [fn ?? "the dispatcher", Properties["VpcConfig"]?.SubnetIds.length ?? 0] as const;
    });
    expect(Object.fromEntries(placed)).toEqual({ count: 2, split: 2, "the dispatcher": 0 });
    expect(ofType(template, "AWS::EC2::SecurityGroup")).toHaveLength(1);
    expect(evaluate(statementsOf(template, "count"), { action: "ec2:CreateNetworkInterface", resource: "x" })).toBe("allowed");
  });

  it("is refused when it does not reach what the Functions use, with what that costs", () => {
    expect(() => inCdkApp((stack) => ({ vpc: isolated(stack) as IVpc }))).toThrow(
      /innerSubnet1, innerSubnet2 the App's Functions do not reach dynamodb, lambda, s3, sqs, ssm, which they use\. Add gateway endpoints for dynamodb, s3 \(free\) and interface endpoints for lambda, sqs, ssm \(\$7\.30 a month each and Availability Zone\), or a NAT gateway \(\$32\.85 a month\)/,
    );
  });

  it("is taken with endpoints for all of them, and refused without the one that a permission needs", () => {
    const withEndpoints = (stack: Stack): { vpc: IVpc } => {
      const vpc = isolated(stack);
      for (const name of ["DYNAMODB", "S3"] as const) vpc.addGatewayEndpoint(name, { service: GatewayVpcEndpointAwsService[name] });
      for (const name of ["LAMBDA", "SQS", "SSM"] as const)
        vpc.addInterfaceEndpoint(name, { service: InterfaceVpcEndpointAwsService[name] });
      return { vpc: vpc as IVpc };
    };
    expect(ofType(inCdkApp(withEndpoints), "AWS::EC2::VPCEndpoint")).toHaveLength(5);
    const permissions = [{ actions: ["sns:Publish"], resources: ["*"] }];
    expect(() => inCdkApp(withEndpoints, { manifest: declared({ permissions }, { count: {} }) })).toThrow(
      "do not reach sns, which they use",
    );
  });

  it("is not reached by an internet gateway, a route to one address, or the endpoints of another network", () => {
    const open = (stack: Stack): { vpc: IVpc; vpcSubnets: SubnetSelection } => {
      const vpc = new Vpc(stack, "Net", {
        maxAzs: 1,
        natGateways: 0,
        subnetConfiguration: [{ name: "open", subnetType: SubnetType.PUBLIC }],
      });
      const { routeTableId } = vpc.publicSubnets[0]!.routeTable;
      new CfnRoute(stack, "One", { routeTableId, destinationCidrBlock: "10.9.0.0/16", transitGatewayId: "tgw-1" });
      const other = new Vpc(stack, "Other", { maxAzs: 1, natGateways: 1 });
      other.addInterfaceEndpoint("SQS", { service: InterfaceVpcEndpointAwsService.SQS });
      return { vpc: vpc as IVpc, vpcSubnets: { subnetType: SubnetType.PUBLIC } };
    };
    expect(() => inCdkApp(open)).toThrow(/openSubnet1 the App's Functions do not reach dynamodb, lambda, s3, sqs, ssm,/);
    const routed = (stack: Stack): ReturnType<typeof open> => {
      const made = open(stack);
      const { routeTableId } = made.vpc.publicSubnets[0]!.routeTable;
      new CfnRoute(stack, "All", { routeTableId, destinationCidrBlock: "0.0.0.0/0", transitGatewayId: "tgw-1" });
      return made;
    };
    inCdkApp(routed);
  });

  it("that the CDK app only names is warned of, unless its subnets are private ones", () => {
    const warnings = (subnets: Partial<VpcAttributes>): readonly unknown[] => {
      let found: readonly unknown[] = [];
      inCdkApp((stack) => ({ vpc: Vpc.fromVpcAttributes(stack, "Net", { vpcId: "vpc-1", availabilityZones: ["a"], ...subnets }) }), {
        after: (app) => void (found = app.node.metadata.filter(({ type }) => type === "aws:cdk:warning").map(({ data }) => data)),
      });
      return found;
    };
    expect(warnings({ isolatedSubnetIds: ["subnet-1"], isolatedSubnetRouteTableIds: ["rtb-1"] })).toEqual([
      expect.stringContaining("do not reach dynamodb, lambda, s3, sqs, ssm"),
    ]);
    expect(warnings({ privateSubnetIds: ["subnet-1"], privateSubnetRouteTableIds: ["rtb-1"] })).toEqual([]);
  });

  it("of ids is what plan can't look into, and says so", () => {
    const manifest = declared({ vpc: { subnetIds: ["subnet-0a1b2c3d"] }, securityGroups: ["sg-0a1b2c3d"] }, { count: {} });
    const [config] = ofType(appTemplate(manifest), "AWS::Lambda::Function").flatMap(({ Properties }) => Properties["VpcConfig"] ?? []);
    expect(config).toEqual({ SubnetIds: ["subnet-0a1b2c3d"], SecurityGroupIds: ["sg-0a1b2c3d"] });
    expect(planApp(manifest, "dev").settings.find(({ option }) => option === "vpc")?.becomes).toBe(
      "Functions run in subnet-0a1b2c3d, which must reach dynamodb, lambda, s3, sqs, ssm; from here nobody can see whether they do",
    );
  });
});

describe("a key of the App's own", () => {
  it("encrypts variables, logs and queues, and every role that touches them may use it", () => {
    const kms = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd";
    const template = appTemplate(declared({ kmsKey: kms }, { count: { maxContainers: 2 } }));
    const of = (type: string, name: string): readonly unknown[] => ofType(template, type).map(({ Properties }) => Properties[name]);
    expect(of("AWS::Lambda::Function", "KmsKeyArn")).toEqual([kms, kms]);
    expect(of("AWS::Logs::LogGroup", "KmsKeyId")).toEqual([kms, kms]);
    expect(of("AWS::SQS::Queue", "KmsMasterKeyId")).toEqual([kms, kms, kms]);
    expect(of("AWS::SQS::Queue", "SqsManagedSseEnabled")).toEqual([undefined, undefined, undefined]);
    expect(evaluate(statementsOf(template, "count"), { action: "kms:GenerateDataKey", resource: kms })).toBe("allowed");
    const roles = ofType(template, "AWS::IAM::Role").filter(({ Properties }) => JSON.stringify(Properties).includes("kms:Decrypt"));
    expect(roles).toHaveLength(2);
  });

  it("that the CDK app makes lets CloudWatch Logs use it for the App's logs", () => {
    const template = inCdkApp((stack) => ({ kmsKey: new Key(stack, "Key") }));
    const [key] = ofType(template, "AWS::KMS::Key");
    const text = JSON.stringify(key!.Properties["KeyPolicy"]);
    expect(text).toContain("logs.");
    expect(text).toContain(":log-group:/tenon/dev/wordcount/*");
  });
});

describe("tracing, logs and alarm", () => {
  it("are off unless somebody says so, and Lambda's own lines are not kept", () => {
    const template = appTemplate(manifestOf({ count: {} }));
    expect(ofType(template, "AWS::CloudWatch::Alarm")).toEqual([]);
    for (const { Properties } of ofType(template, "AWS::Lambda::Function")) {
      expect(Properties).not.toHaveProperty("TracingConfig");
      expect(Properties["LoggingConfig"]).toMatchObject({ LogFormat: "JSON", SystemLogLevel: "WARN" });
    }
  });

  it("are what the App says, and a CDK app has the last word", () => {
    const topic = "arn:aws:sns:eu-central-1:123456789012:alarms";
    const prices = planApp(declared({ tracing: true, alarmTopic: topic }, { count: {} }), "dev").settings.map(({ price }) => price);
    expect(prices).toEqual(expect.arrayContaining(["$5.00 a million traces", "$0.10 a month"]));
    const manifest = declared({ tracing: true, logRetentionDays: 7, alarmTopic: topic }, { count: {} });
    const template = appTemplate(manifest);
    const of = (type: string, name: string, from = template): readonly unknown[] =>
      ofType(from, type).map(({ Properties }) => Properties[name]);
    expect(of("AWS::Lambda::Function", "TracingConfig")).toEqual([{ Mode: "Active" }, { Mode: "Active" }]);
    expect(of("AWS::Logs::LogGroup", "RetentionInDays")).toEqual([7, 7]);
    expect(of("AWS::CloudWatch::Alarm", "AlarmActions")).toEqual([[topic]]);
    const [dead] = Object.entries(template.Resources).find(([id]) => id.includes("DispatcherDeadLetters"))!;
    expect(of("AWS::CloudWatch::Alarm", "Dimensions")).toEqual([[{ Name: "QueueName", Value: { "Fn::GetAtt": [dead, "QueueName"] } }]]);
    const other = inCdkApp((stack) => ({ tracing: false, logRetentionDays: 14, alarmTopic: new Topic(stack, "Topic") }), { manifest });
    expect(of("AWS::Lambda::Function", "TracingConfig", other)).toEqual([undefined, undefined]);
    expect(of("AWS::Logs::LogGroup", "RetentionInDays", other)).toEqual([14, 14]);
    expect(of("AWS::CloudWatch::Alarm", "AlarmActions", other)).toEqual([[{ Ref: expect.stringMatching(/^Topic/) }]]);
    expect(() => appTemplate(manifest, { logRetentionDays: 8 })).toThrow("logRetentionDays is 8.");
  });
});

describe("the brake of an App", () => {
  it("holds spawned calls by the sources of its Functions, and every call when it is enforced", () => {
    const functions = { a: {}, b: { maxContainers: 3 } };
    const lazy = appTemplate(declared({ maxContainers: 5 }, functions));
    const sources = ofType(lazy, "AWS::Lambda::EventSourceMapping").flatMap(({ Properties }) => Properties["ScalingConfig"] ?? []);
    expect(sources).toEqual([{ MaximumConcurrency: 2 }, { MaximumConcurrency: 3 }]);
    const reservedOf = (template: Template): readonly unknown[] =>
      ofType(template, "AWS::Lambda::Function").map(({ Properties }) => Properties["ReservedConcurrentExecutions"]);
    expect(reservedOf(lazy).filter((each) => each !== undefined)).toEqual([]);
    const enforced = declared({ maxContainers: 5, enforce: "reserved" }, functions);
    expect(reservedOf(appTemplate(enforced)).filter((each) => each !== undefined)).toEqual([2, 3]);
    expect(planApp(enforced, "dev").functions.flatMap(({ notes }) => notes)).toEqual([]);
    expect(planApp(enforced, "dev").settings.find(({ option }) => option === "maxContainers")?.becomes).toContain("handed out");
    expect(reservedOf(appTemplate(enforced, { maxContainers: 9 })).filter((each) => each !== undefined)).toEqual([6, 3]);
  });
});

it("metrics are one of the App, and each Function's only when it says so", () => {
  const variables = (manifest: AppManifest): unknown => ofType(appTemplate(manifest), "AWS::Lambda::Function").flatMap(({ Properties }) => Properties["Environment"].Variables.TENON_METRICS ?? []); // prettier-ignore
  expect(variables(declared({}, { count: {} }))).toEqual([]);
  const wanted = declared({ metrics: true }, { count: {}, split: {} });
  expect(variables(wanted)).toEqual(["1", "1"]);
  expect(planApp(wanted, "dev").settings.map(({ price }) => price)).toEqual([
    "$0.30 a month each, $2.40 for 8, plus one for each class of error",
  ]);
});

it("an assembly has the qualifier of the bootstrap and the boundary of its roles that it is asked for", () => {
  const dir = newFolder();
  const params = { outputDir: dir, qualifier: "shop1", permissionsBoundary: "developers" };
  const { stack } = synthApp({ environment: "dev", manifest: manifestOf({ count: {} }), asset: smallAsset() }, params);
  const template = JSON.parse(readFileSync(join(dir, `${stack}.template.json`), "utf8")) as Template;
  const boundaries = ofType(template, "AWS::IAM::Role").map(({ Properties }) => JSON.stringify(Properties["PermissionsBoundary"]));
  expect(boundaries).toEqual([expect.stringContaining("policy/developers"), expect.stringContaining("policy/developers")]);
  expect(JSON.stringify(template)).toContain("cdk-shop1-assets-");
  expect(JSON.stringify(template)).not.toContain("hnb659fds");
});
