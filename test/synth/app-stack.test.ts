import { afterAll, describe, expect, it } from "vitest";
import { AWS_LEASE_SPARE_MS } from "../../src/adapters/calls/limits.ts";
import { appParameter, functionName } from "../../src/model/aws-names.ts";
import { InvalidError } from "../../src/model/errors.ts";
import {
  appTemplate,
  environmentTemplate,
  manifestOf,
  ofType,
  removeFolders,
  type Resource,
  smallAsset,
  type Template,
} from "./template.ts";

afterAll(removeFolders);

const example = manifestOf(
  { count: { memoryMiB: 512, retries: 3, env: { LOG_LEVEL: "debug" } }, genWords: { timeoutMs: 60_000 } },
  { tags: { team: "search" } },
);
const template = appTemplate(example);

/** The Lambda function of a Function. */
function lambdaOf(from: Template, fn: string): Template["Resources"][string] {
  return ofType(from, "AWS::Lambda::Function").find(
    ({ Properties }) => Properties["FunctionName"] === functionName("dev", "wordcount", fn),
  )!;
}

/** The queues that feed Functions, each with its event source. */
function inputsOf(from: Template, fn: string): { readonly queue: Record<string, unknown>; readonly source: Record<string, unknown> } {
  const [id] = Object.keys(from.Resources).filter((each) => each.startsWith(`AppFn${fn}Inputs`));
  const sources = ofType(from, "AWS::Lambda::EventSourceMapping").map(({ Properties }) => Properties);
  return { queue: from.Resources[id!]!.Properties, source: sources.find((each) => each["EventSourceArn"]["Fn::GetAtt"][0] === id)! };
}

describe("the stack of an App", () => {
  it("is this", async () => {
    await expect(`${JSON.stringify(template, null, 2)}\n`).toMatchFileSnapshot("app.template.json");
  });

  it("has three resources for each Function, and one role for those of equal reach", () => {
    const more = appTemplate(manifestOf({ count: {}, genWords: {}, third: {} }));
    expect(Object.keys(more.Resources).length - Object.keys(template.Resources).length).toBe(3);
    expect(ofType(more, "AWS::IAM::Role")).toHaveLength(2);
  });

  it("has a role for each reach, and the same ids whatever else the App uses", () => {
    const objects = { dict: [{ name: "seen" }, { pattern: "user-*" }] };
    const fns = { count: {}, genWords: {}, third: {}, fourth: {}, fifth: {} };
    const rolesOf = (more: Parameters<typeof manifestOf>[1]): Readonly<Record<string, string>> => {
      const made = appTemplate(manifestOf(fns, more));
      return Object.fromEntries(Object.keys(fns).map((fn) => [fn, lambdaOf(made, fn).Properties["Role"]["Fn::GetAtt"][0] as string]));
    };
    const uses = {
      third: { dict: [{ name: "seen" }] },
      fourth: { dict: [{ pattern: "user-*" }, { name: "seen" }, { name: "user-1" }] },
      fifth: { dict: [{ name: "seen" }] },
    };
    const plain = rolesOf({});
    expect(new Set(Object.values(plain)).size).toBe(1);
    const split = rolesOf({ objects, uses });
    // One that names all that the App does has the role of the App.
    expect(split).toMatchObject({ count: plain["count"], genWords: plain["count"], fourth: plain["count"] });
    expect(split["third"]).not.toBe(plain["count"]);
    expect(split["fifth"]).toBe(split["third"]);
    expect(rolesOf({ objects: { dict: [{ name: "seen" }, { name: "other" }] }, uses })["third"]).toBe(split["third"]);
  });

  it("makes no resource for a Dict", () => {
    const withDict = appTemplate(manifestOf({ count: {}, genWords: {} }, { objects: { dict: [{ name: "seen" }] } }));
    expect(Object.keys(withDict.Resources)).toEqual(Object.keys(template.Resources));
  });

  it("has no custom resource, no alias, no version, no export", () => {
    const types = Object.values(template.Resources).map(({ Type }) => Type);
    expect(types.filter((type) => /^Custom::|CustomResource|Alias|Lambda::Version/.test(type))).toEqual([]);
    expect(template.Outputs).toBeUndefined();
  });

  it("runs the Function with its memory, its time, its variables, from the App's one asset", () => {
    const { Properties } = lambdaOf(template, "count");
    expect(Properties).toMatchObject({
      Runtime: "nodejs24.x",
      Architectures: ["arm64"],
      Handler: "init.handler",
      MemorySize: 512,
      Timeout: 610,
      RecursiveLoop: "Allow",
    });
    expect(Properties["Environment"].Variables).toEqual({
      TENON_BACKEND: "aws",
      TENON_ENVIRONMENT: "dev",
      TENON_APP: "wordcount",
      TENON_FUNCTION: "count",
      TENON_VERSION: "0123456789abcdef",
      TENON_CALLS_TABLE: expect.stringMatching(/^tenon-dev-calls-/),
      TENON_DATA_TABLE: expect.stringMatching(/^tenon-dev-data-/),
      TENON_BUCKET: { "Fn::Sub": "tenon-dev-${AWS::AccountId}-${AWS::Region}" },
      TENON_DISPATCHER_QUEUE_URL: { Ref: expect.stringMatching(/Queue/) },
      LOG_LEVEL: "debug",
    });
    expect(lambdaOf(template, "genWords").Properties["Handler"]).toBe("init.streamHandler");
    const codes = ofType(template, "AWS::Lambda::Function").map((each) => JSON.stringify(each.Properties["Code"]));
    expect(new Set(codes).size).toBe(1);
  });

  it("leaves repeating to Tenon, which hears of every invocation that was lost", () => {
    const configs = ofType(template, "AWS::Lambda::EventInvokeConfig");
    expect(configs).toHaveLength(2);
    for (const { Properties } of configs) {
      expect(Properties["MaximumRetryAttempts"]).toBe(0);
      expect(Properties["DestinationConfig"].OnFailure.Destination["Fn::GetAtt"][0]).toMatch(/DispatcherQueue/);
    }
  });

  it("feeds the dispatcher from its queue, and wakes it every five minutes", () => {
    expect(ofType(template, "AWS::Lambda::EventSourceMapping")[0]!.Properties).toMatchObject({
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
    const rule = ofType(template, "AWS::Events::Rule")[0]!.Properties;
    expect(rule).toMatchObject({ ScheduleExpression: "rate(5 minutes)", State: "ENABLED" });
    // The sweep is told which Functions there are.
    expect(JSON.parse(rule["Targets"][0].Input)).toEqual({ sweep: Object.keys(example.functions) });
    const queue = ofType(template, "AWS::SQS::Queue").find(({ Properties }) => Properties["RedrivePolicy"] !== undefined)!;
    const dispatcher = lambdaOf(template, "count") && ofType(template, "AWS::Lambda::Function").find((each) => each.Properties["Handler"] === "dispatcher.handler")!; // prettier-ignore
    expect(queue.Properties["VisibilityTimeout"]).toBeGreaterThanOrEqual(6 * dispatcher.Properties["Timeout"]);
    expect(queue.Properties["SqsManagedSseEnabled"]).toBe(true);
  });

  it("feeds a Function with maxContainers from a queue of its own, by no more containers than that", () => {
    const fed = appTemplate(manifestOf({ one: { maxContainers: 1 }, two: { maxContainers: 2 }, many: { maxContainers: 4_000 } }));
    const [one, two, many] = [inputsOf(fed, "one"), inputsOf(fed, "two"), inputsOf(fed, "many")];
    const lambda = Object.keys(fed.Resources).find((id) => id.startsWith("AppFntwoLambda"));
    // Nothing invokes it by an event, so no rule says what is to become of one.
    expect(ofType(fed, "AWS::Lambda::EventInvokeConfig")).toEqual([]);
    expect(two.source).toEqual({
      BatchSize: 1,
      EventSourceArn: expect.anything(),
      FunctionName: { Ref: lambda },
      ScalingConfig: { MaximumConcurrency: 2 },
      Tags: expect.anything(),
    });
    expect(many.source["ScalingConfig"]).toEqual({ MaximumConcurrency: 1_000 });
    // An event source takes no 1; the one message group of a FIFO queue is one message at a time.
    expect(one.source).not.toHaveProperty("ScalingConfig");
    expect(one.queue).toMatchObject({
      FifoQueue: true,
      QueueName: expect.stringMatching(/^tenon-dev-wordcount-one-inputs-[a-z2-7]{16}\.fifo$/),
    });
    expect(two.queue).not.toHaveProperty("FifoQueue");
    expect(two.queue).toMatchObject({ MessageRetentionPeriod: 1_209_600, SqsManagedSseEnabled: true });
    expect(two.queue).not.toHaveProperty("RedrivePolicy");
  });

  it("has a message come back when nothing can be running of it any more, and before that has no shorter Lambda", () => {
    for (const options of [{ timeoutMs: 1_000, startupTimeoutMs: 1_000 }, {}, { timeoutMs: 870_000 }]) {
      const fed = appTemplate(manifestOf({ fed: { ...options, maxContainers: 3 } }));
      const { Properties, DependsOn } = lambdaOf(fed, "fed") as Template["Resources"][string] & { DependsOn: readonly string[] };
      const visible = inputsOf(fed, "fed").queue["VisibilityTimeout"] as number;
      expect(visible * 1_000).toBeGreaterThan((Properties["Timeout"] as number) * 1_000 + AWS_LEASE_SPARE_MS);
      // The queue's is changed first: Lambda refuses to run for longer than its queue waits.
      expect(DependsOn).toEqual([expect.stringMatching(/^AppDispatcherLambda/), expect.stringMatching(/^AppFnfedInputs/)]);
    }
  });

  it("answers nobody without TLS who comes to a queue, by one policy for all that feed Functions", () => {
    const fed = appTemplate(manifestOf({ one: { maxContainers: 1 }, two: { maxContainers: 2 }, other: {} }));
    const queues = Object.entries(fed.Resources).filter(([, { Type }]) => Type === "AWS::SQS::Queue");
    const policies = ofType(fed, "AWS::SQS::QueuePolicy").map(({ Properties }) => Properties);
    expect(policies).toHaveLength(3);
    expect(policies.flatMap((each) => each["Queues"] as { Ref: string }[]).map(({ Ref }) => Ref).toSorted()).toEqual(queues.map(([id]) => id).toSorted()); // prettier-ignore
    for (const each of policies)
      expect(each["PolicyDocument"].Statement).toMatchObject([{ Effect: "Deny", Condition: { Bool: { "aws:SecureTransport": "false" } } }]);
  });

  it("has four resources for each Function with maxContainers", () => {
    const [fewer, more] = [{ a: { maxContainers: 1 } }, { a: { maxContainers: 1 }, b: { maxContainers: 1 }, c: { maxContainers: 2 } }].map((each) => Object.keys(appTemplate(manifestOf(each)).Resources).length); // prettier-ignore
    expect(more! - fewer!).toBe(8);
  });

  it("lets Lambda's own queue feed a generator with maxContainers, which nobody can spawn", () => {
    const fed = appTemplate(manifestOf({ genWords: { maxContainers: 2 } }));
    expect(ofType(fed, "AWS::Lambda::EventSourceMapping")).toHaveLength(1);
    expect(ofType(fed, "AWS::Lambda::EventInvokeConfig")).toHaveLength(1);
  });

  it("tells the dispatcher of every Function, in pieces that a rule takes", () => {
    const names = Array.from({ length: 130 }, (_, i) => `${"f".repeat(60)}${i}`);
    const [rule] = ofType(appTemplate(manifestOf(Object.fromEntries(names.map((name) => [name, {}])))), "AWS::Events::Rule");
    const inputs = (rule!.Properties["Targets"] as { Input: string }[]).map(({ Input }) => Input);
    expect(inputs.length).toBeLessThanOrEqual(5);
    for (const input of inputs) expect(input.length).toBeLessThanOrEqual(8_192);
    expect(inputs.flatMap((input) => (JSON.parse(input) as { sweep: string[] }).sweep)).toEqual(names);
  });

  it("refers to the version of its environment once, before any Function: without one, the execution role refuses it", () => {
    const reference = "{{resolve:ssm:/tenon/dev/version}}";
    expect(JSON.stringify(template).split("{{resolve:")).toHaveLength(2);
    const [[id, dispatcher], ...others] = Object.entries(template.Resources).filter(([, each]) => JSON.stringify(each).includes(reference)) as [[string, Resource]]; // prettier-ignore
    expect(others).toEqual([]);
    expect(dispatcher.Properties["Environment"].Variables).toHaveProperty("TENON_ENVIRONMENT_VERSION", reference);
    for (const fn of Object.keys(example.functions))
      expect(lambdaOf(template, fn)).toMatchObject({ DependsOn: expect.arrayContaining([id]) });
    // A parameter would be read with the rights of the CDK's deploy role. The CDK's own is that of its bootstrap.
    expect(Object.keys(template.Parameters ?? {})).toEqual(["BootstrapVersion"]);
    expect(Object.keys(template.Rules ?? {})).toEqual(["CheckBootstrapVersion"]);
  });

  it("carries the App's tags and Tenon's", () => {
    expect(lambdaOf(template, "count").Properties["Tags"]).toEqual([
      { Key: "team", Value: "search" },
      { Key: "tenon:app", Value: "wordcount" },
      { Key: "tenon:environment", Value: "dev" },
      { Key: "tenon:function", Value: "count" },
    ]);
  });

  it("has a target of its rule without any Function, too: a rule needs one", () => {
    const [rule] = ofType(appTemplate(manifestOf({})), "AWS::Events::Rule");
    expect((rule!.Properties["Targets"] as { Input: string }[]).map(({ Input }) => Input)).toEqual(['{"sweep":[]}']);
  });

  it("carries no tag on a rule, which CloudFormation does not take in every partition", () => {
    const rules = [...ofType(template, "AWS::Events::Rule"), ...ofType(environmentTemplate("dev"), "AWS::Events::Rule")];
    expect(rules.map(({ Properties }) => "Tags" in Properties)).toEqual([false, false]);
  });

  it("keeps what the App declares in parameters that are cut where they must be", () => {
    const many = manifestOf(Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`fn${i}`, { env: { TEXT: `{{x}} ${"ä".repeat(99)}` } }]))); // prettier-ignore
    const pieces = ofType(appTemplate(many), "AWS::SSM::Parameter");
    expect(pieces.length).toBeGreaterThan(2);
    expect(pieces.map(({ Properties }) => Properties["Name"])).toEqual(pieces.map((_, i) => appParameter("dev", "wordcount", i)));
    const text = pieces.map(({ Properties }) => Properties["Value"] as string);
    for (const piece of text) expect(Buffer.byteLength(piece)).toBeLessThanOrEqual(4_000);
    expect(text.join("")).not.toContain("{{");
    expect(JSON.parse(text.join(""))).toEqual({ version: "0123456789abcdef", manifest: many });
  });
});

describe("a change of an App", () => {
  it("that adds a Function changes nothing of the others but the asset's key and version", () => {
    const before = appTemplate(manifestOf({ count: {}, split: {} }), { asset: smallAsset("export const a = 1;") });
    const after = appTemplate(manifestOf({ count: {}, extra: {}, split: {} }), {
      asset: { ...smallAsset("export const a = 2;"), version: "fedcba9876543210" },
    });
    const changed = Object.keys(before.Resources).filter((id) => plain(before.Resources[id]) !== plain(after.Resources[id]));
    // The grants to call every Function by its name, the list that the dispatcher goes through, and what the App declares.
    expect(changed.map((id) => before.Resources[id]!.Type).toSorted()).toEqual([
      "AWS::Events::Rule",
      "AWS::IAM::Role",
      "AWS::IAM::Role",
      "AWS::SSM::Parameter",
    ]);
    expect(JSON.stringify(before.Resources)).not.toBe(JSON.stringify(after.Resources));

    function plain(resource: unknown): string {
      return JSON.stringify(resource, (key, value: unknown) => (["S3Key", "TENON_VERSION"].includes(key) ? "" : value));
    }
  });

  it("that gives a Function maxContainers changes nothing of the others but the asset's key and version", () => {
    const asset = smallAsset();
    const before = appTemplate(manifestOf({ count: {}, split: {} }), { asset });
    const after = appTemplate(manifestOf({ count: {}, split: { maxContainers: 2 } }), { asset });
    const changed = Object.keys(before.Resources).filter(
      (id) => JSON.stringify(before.Resources[id]) !== JSON.stringify(after.Resources[id]),
    );
    // Its own function and retry rule, the grants to use its queue, and what the App declares.
    expect(changed.map((id) => id.replace(/[0-9A-F]{8}$/, "")).toSorted()).toEqual([
      "AppDispatcherRole",
      "AppFnsplitInvocation",
      "AppFnsplitLambda",
      "AppManifest0",
      "AppRole",
    ]);
  });

  it("of nothing changes nothing", () => {
    expect(appTemplate(example)).toEqual(template);
  });

  it("of the asset alone changes its key, whatever the version says", () => {
    const other = appTemplate(example, { asset: smallAsset("export const other = 1;") });
    expect(lambdaOf(other, "count").Properties["Code"].S3Key).not.toEqual(lambdaOf(template, "count").Properties["Code"].S3Key);
  });
});

describe("an App is refused", () => {
  it("with every Function that can't be on Lambda, by name and number", () => {
    expect(() => appTemplate(manifestOf({ long: { timeoutMs: 3_600_000 }, large: { memoryMiB: 16_384 }, fine: {} }))).toThrow(InvalidError);
    expect(() => appTemplate(manifestOf({ long: { timeoutMs: 3_600_000 }, large: { memoryMiB: 16_384 }, fine: {} }))).toThrow(
      /^Function "long" can't run on Lambda: timeoutMs is 3,600,000;.*\nFunction "large" can't run on Lambda: memoryMiB is 16,384;[^\n]*$/,
    );
  });

  it("when a Function's variables and Tenon's own are more than Lambda takes", () => {
    expect(() => appTemplate(manifestOf({ count: { env: { TEXT: "x".repeat(3_000) } } }))).not.toThrow();
    expect(() => appTemplate(manifestOf({ count: { env: { TEXT: "x".repeat(4_000) } } }))).toThrow(
      /environment variables have 4\d{3} bytes \(env 4004, Tenon's own \d+\); Lambda takes 4096/,
    );
  });

  it("with more Functions than a stack holds", () => {
    const named = (count: number): ReturnType<typeof manifestOf> =>
      manifestOf(Object.fromEntries(Array.from({ length: count }, (_, i) => [`fn${i}`, {}])));
    expect(() => appTemplate(named(135))).not.toThrow();
    expect(() => appTemplate(named(160))).toThrow(/160 Functions becomes 5\d\d resources; a stack takes 450/);
  });

  it("in an environment whose name does not fit", () => {
    expect(() => appTemplate(example, { environment: "Prod" })).toThrow(InvalidError);
  });
});
