import { afterAll, describe, expect, it } from "vitest";
import {
  blobBucket,
  callPartition,
  callsTable,
  dataTable,
  dictObject,
  dictPartition,
  dispatcherQueue,
  functionName,
  inputObject,
  inputQueue,
  logGroup,
  outputObject,
} from "../../src/model/aws-names.ts";
import { durableCallId, headOfCall } from "../../src/model/call-ids.ts";
import { evaluate, type PolicyRequest, type PolicyStatement } from "../helpers/policy.ts";
import { App, Stack } from "aws-cdk-lib/core";
import { Template as Assertions } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { AppConstruct } from "../../src/synth/index.ts";
import { appTemplate, deployed, manifestOf, removeFolders, smallAsset, statementsOf, statementsOfRole, type Template } from "./template.ts";

afterAll(removeFolders);

const AT = "eu-central-1:123456789012";
const table = `arn:aws:dynamodb:${AT}:table/${callsTable("dev")}`;
const object = (key: string): string => `arn:aws:s3:::${blobBucket("dev", "123456789012", "eu-central-1")}/${key}`;
const rows = (action: string, ...keys: readonly string[]): PolicyRequest => ({
  action: `dynamodb:${action}`,
  resource: table,
  context: { "dynamodb:LeadingKeys": keys },
});

const queueOf = (action: string, app: string, name: string): PolicyRequest => ({
  action: `sqs:${action}`,
  resource: `arn:aws:sqs:${AT}:${inputQueue("dev", app, { name, kind: "function", maxContainers: 2 })}`,
});

/** A partition of a Function's calls, whose ids begin with what tells its App and itself. */
function rowsOf(kind: "in" | "out" | "due", app: string, name: string): string {
  const id = durableCallId("dev", { app, name }, "order-1");
  return callPartition(kind, headOfCall(id)!, kind === "due" ? "3" : id);
}

/** What a Function of an App does with its own App, and what it would do with this one if it could. */
function requestsTo(app: string, fn: string): Readonly<Record<string, PolicyRequest>> {
  const [input, outcome, marker] = [rowsOf("in", app, fn), rowsOf("out", app, fn), rowsOf("due", app, fn)];
  return {
    "accept a call": rows("PutItem", input),
    "read an input": rows("GetItem", input),
    "mark a call as unfinished": rows("PutItem", marker),
    "write an outcome": rows("PutItem", outcome),
    "look at an outcome": rows("GetItem", outcome),
    "look at outcomes and cancels": rows("BatchGetItem", outcome, input),
    "invoke a Function": { action: "lambda:InvokeFunction", resource: `arn:aws:lambda:${AT}:function:${functionName("dev", app, fn)}` },
    "send to the dispatcher": { action: "sqs:SendMessage", resource: `arn:aws:sqs:${AT}:${dispatcherQueue("dev", app)}` },
    "find the queue of a Function": queueOf("GetQueueUrl", app, fn),
    "feed a Function": queueOf("SendMessage", app, fn),
    "store an input": { action: "s3:PutObject", resource: object(inputObject(app, fn, "fc-1", "in-1")) },
    "read a stored input": { action: "s3:GetObject", resource: object(inputObject(app, fn, "fc-1", "in-1")) },
    "store an outcome": { action: "s3:PutObject", resource: object(outputObject(app, fn, "fc-1", 1)) },
    "read a stored outcome": { action: "s3:GetObject", resource: object(outputObject(app, fn, "fc-1", 1)) },
    "read what is declared": { action: "ssm:GetParameters", resource: `arn:aws:ssm:${AT}:parameter/tenon/dev/apps/${app}/0` },
    "write to the log": { action: "logs:PutLogEvents", resource: `arn:aws:logs:${AT}:log-group:${logGroup("dev", app, fn)}:log-stream:x` },
  };
}

const template = appTemplate(manifestOf({ count: { maxContainers: 2 }, words: { maxContainers: 3 } }, { name: "shop" }));
const functions = statementsOf(template, "functions");
const dispatcher = statementsOf(template, "dispatcher");

describe("a Function may", () => {
  it.each(Object.keys(requestsTo("", "")))("%s, of its own App", (what) => {
    expect(evaluate(functions, requestsTo("shop", "count")[what]!)).toBe("allowed");
    expect(evaluate(functions, requestsTo("shop", "words")[what]!)).toBe("allowed");
  });

  it("take the messages that feed it, as Lambda does in its name", () => {
    for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"])
      expect(evaluate(functions, queueOf(action, "shop", "count"))).toBe("allowed");
  });

  it("take away the mark of a call that has ended", () => {
    expect(evaluate(functions, rows("DeleteItem", rowsOf("due", "shop", "count")))).toBe("allowed");
  });
});

describe("a Function may not", () => {
  // Each name begins or ends like its own App's.
  const others = ["shop2", "shop-count", "shop.count", "sho", "other", "*"];

  it.each(others.flatMap((app) => Object.keys(requestsTo("", "")).map((what) => [what, app])))("%s, of the App %s", (what, app) => {
    expect(evaluate(functions, requestsTo(app!, "count")[what!]!)).toBe("denied");
    expect(evaluate(dispatcher, requestsTo(app!, "count")[what!]!)).toBe("denied");
  });

  it("reach rows of another App beside its own in one request", () => {
    expect(evaluate(functions, rows("BatchGetItem", rowsOf("out", "shop", "count"), rowsOf("out", "other", "count")))).toBe("denied");
    expect(evaluate(functions, rows("PutItem", rowsOf("in", "shop", "count"), rowsOf("in", "other", "count")))).toBe("denied");
  });

  it("send a request that names no row", () => {
    for (const action of ["GetItem", "PutItem", "BatchGetItem", "Query"]) {
      expect(evaluate(functions, { action: `dynamodb:${action}`, resource: table })).toBe("denied");
    }
  });

  it.each(["Scan", "PartiQLSelect", "ExportTableToPointInTime", "DeleteTable", "UpdateTable"])("%s the table", (action) => {
    expect(evaluate(functions, rows(action, rowsOf("in", "shop", "count")))).toBe("denied");
    expect(evaluate(dispatcher, rows(action, rowsOf("in", "shop", "count")))).toBe("denied");
  });

  it("invoke the dispatcher, or take its messages", () => {
    expect(evaluate(functions, { action: "sqs:ReceiveMessage", resource: `arn:aws:sqs:${AT}:${dispatcherQueue("dev", "shop")}` })).toBe(
      "denied",
    );
    expect(evaluate(functions, { action: "lambda:InvokeFunction", resource: `arn:aws:lambda:${AT}:function:tenon-dev-shop--dispatcher` })).toBe("denied"); // prettier-ignore
  });
});

describe("a dispatcher may", () => {
  it("take its messages, look for calls, write outcomes and start Functions", () => {
    const queue = `arn:aws:sqs:${AT}:${dispatcherQueue("dev", "shop")}`;
    for (const action of ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "SendMessage"])
      expect(evaluate(dispatcher, { action: `sqs:${action}`, resource: queue })).toBe("allowed");
    expect(evaluate(dispatcher, rows("Query", rowsOf("due", "shop", "count")))).toBe("allowed");
    expect(evaluate(dispatcher, rows("PutItem", rowsOf("out", "shop", "count")))).toBe("allowed");
    expect(evaluate(dispatcher, requestsTo("shop", "count")["invoke a Function"]!)).toBe("allowed");
  });

  it("feed the Functions that have a queue, and take nothing from there", () => {
    expect(evaluate(dispatcher, queueOf("GetQueueUrl", "shop", "count"))).toBe("allowed");
    expect(evaluate(dispatcher, queueOf("SendMessage", "shop", "words"))).toBe("allowed");
    expect(evaluate(dispatcher, queueOf("ReceiveMessage", "shop", "count"))).toBe("denied");
    expect(evaluate(dispatcher, requestsTo("shop", "count")["read what is declared"]!)).toBe("allowed");
  });

  it("write to its own log only", () => {
    expect(evaluate(dispatcher, requestsTo("shop", "count")["write to the log"]!)).toBe("denied");
    expect(evaluate(dispatcher, requestsTo("shop", "#dispatcher")["write to the log"]!)).toBe("allowed");
  });
});

describe("somebody outside an App to whom a Function is granted", () => {
  const stack = new Stack(new App(), "User");
  const shop = new AppConstruct(stack, "Shop", { environment: "dev", manifest: manifestOf({ count: { maxContainers: 2 }, counted: { maxContainers: 2 } }, { name: "shop" }), asset: smallAsset() }); // prettier-ignore
  const role = new Role(stack, "Caller", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  shop.grantCall(role, "count");
  const resources = Object.values(Assertions.fromStack(stack).findResources("AWS::IAM::Policy"));
  const caller = resources.flatMap(({ Properties }) => deployed(Properties["PolicyDocument"]).Statement as PolicyStatement[]);
  const may = (what: string, fn: string): string => evaluate(caller, requestsTo("shop", fn)[what]!);

  it("may call it, at once and durably, and read what it gives back", () => {
    for (const what of [
      "accept a call",
      "invoke a Function",
      "find the queue of a Function",
      "feed a Function",
      "store an input",
      "read a stored outcome",
      "mark a call as unfinished",
      "look at an outcome",
      "read what is declared",
    ])
      // prettier-ignore
      expect([what, may(what, "count")]).toEqual([what, "allowed"]);
    expect(evaluate(caller, rows("PutItem", rowsOf("in", "shop", "count")))).toBe("allowed");
  });

  it("may neither call another Function of the App, nor leave a call for it, nor say how one ended", () => {
    for (const what of Object.keys(requestsTo("", "")).filter((each) => each !== "read what is declared"))
      expect([what, may(what, "counted")]).toEqual([what, "denied"]);
    expect([may("write an outcome", "count"), may("send to the dispatcher", "count")]).toEqual(Array(2).fill("denied")); // prettier-ignore
    expect(evaluate(caller, queueOf("ReceiveMessage", "shop", "count"))).toBe("denied");
  });

  it("is refused by name for a Function that there is not", () => {
    expect(() => shop.grantCall(role, "nobody")).toThrow(/App "shop" has no Function "nobody"/);
  });
});

describe("a Function that uses Dicts", () => {
  const objects = { dict: [{ name: "seen" }, { pattern: "user-*" }] };
  const uses = { narrow: { dict: [{ name: "seen" }] }, none: {} };
  const template = appTemplate(manifestOf({ count: {}, narrow: {}, none: {} }, { name: "shop", objects, uses }));
  const data = `arn:aws:dynamodb:${AT}:table/${dataTable("dev")}`;
  const roleOf = (fn: string): readonly PolicyStatement[] => {
    const lambda = Object.values(template.Resources).find(({ Properties }) => Properties["FunctionName"] === functionName("dev", "shop", fn))!; // prettier-ignore
    return statementsOfRole(template, (id) => id === lambda.Properties["Role"]["Fn::GetAtt"][0]);
  };
  const ACTIONS = ["GetItem", "BatchGetItem", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "Query"];
  const onRow = (fn: string, action: string, ...keys: readonly string[]): string =>
    evaluate(roleOf(fn), { action: `dynamodb:${action}`, resource: data, context: { "dynamodb:LeadingKeys": keys } });
  const onObject = (fn: string, action: string, key: string): string =>
    evaluate(roleOf(fn), { action: `s3:${action}`, resource: object(key) });

  it("may do everything with the rows and objects of those, and of Dicts without names", () => {
    for (const name of ["seen", "user-", "user-1", "~di-1"]) {
      for (const action of ACTIONS) {
        for (const rest of ["", "di-1"]) expect([name, action, onRow("count", action, dictPartition(name, rest))]).toEqual([name, action, "allowed"]); // prettier-ignore
      }
      for (const action of ["GetObject", "PutObject", "DeleteObject"])
        expect(onObject("count", action, dictObject(name, "di-1/hash/version"))).toBe("allowed");
    }
  });

  it("may do nothing with another Dict, whatever its name is like", () => {
    for (const name of ["seen2", "see", "seen-1", "user", "other", "*", "SEEN"]) {
      for (const action of ACTIONS) expect([name, action, onRow("count", action, dictPartition(name, "di-1"))]).toEqual([name, action, "denied"]); // prettier-ignore
      expect(onObject("count", "GetObject", dictObject(name, "di-1/hash/version"))).toBe("denied");
    }
    expect(onRow("count", "BatchGetItem", dictPartition("seen", "di-1"), dictPartition("other", "di-2"))).toBe("denied");
    expect(onRow("count", "Query", "sweep#dict")).toBe("denied");
  });

  it("may neither list Dicts nor send a request without a key", () => {
    const index = `${data}/index/objects`;
    expect(evaluate(roleOf("count"), { action: "dynamodb:Query", resource: index, context: { "dynamodb:LeadingKeys": ["dict"] } })).toBe("denied"); // prettier-ignore
    for (const action of ACTIONS) expect(evaluate(roleOf("count"), { action: `dynamodb:${action}`, resource: data })).toBe("denied");
  });

  it("keeps within its own uses", () => {
    expect(onRow("narrow", "GetItem", dictPartition("seen", "di-1"))).toBe("allowed");
    expect(onRow("narrow", "GetItem", dictPartition("user-1", "di-1"))).toBe("denied");
    expect(onRow("none", "GetItem", dictPartition("seen", "di-1"))).toBe("denied");
    expect(onRow("none", "GetItem", dictPartition("~di-1", "di-1"))).toBe("denied");
  });

  it("may use hundreds of them by name, and is refused with the way out beyond what IAM takes", () => {
    const named = (count: number) => ({ dict: Array.from({ length: count }, (_, i) => ({ name: `${"d".repeat(60)}${i}` })) });
    const many = appTemplate(manifestOf({ count: {} }, { objects: named(150) }));
    for (const size of inlineSizes(many)) expect(size).toBeLessThanOrEqual(10_240);
    for (const size of managedSizes(many)) expect(size).toBeLessThanOrEqual(6_144);
    expect(() => appTemplate(manifestOf({ count: {} }, { objects: named(500) }))).toThrow(/IAM takes 10 for a role/);
  });
});

describe("every grant", () => {
  const hundred = appTemplate(manifestOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`${"f".repeat(60)}${i}`, {}]))));

  it("names its actions, and no more resources than its App's", () => {
    for (const { Action, Resource } of [...functions, ...dispatcher]) {
      for (const action of Action) expect(action).not.toContain("*");
      for (const resource of Resource) {
        expect(resource).toMatch(/[:/]tenon-dev-shop-[\w-]+$|\/shop\/|\/apps\/shop$|:table\/tenon-dev-calls-[a-z2-7]{16}$/);
        expect(resource).not.toMatch(/tenon-dev(?:-shop)?-?\*/);
      }
    }
  });

  it("fits into what IAM takes of a policy, with a hundred Functions of the longest names", () => {
    expect(evaluate(statementsOf(hundred, "functions"), requestsTo("wordcount", `${"f".repeat(60)}99`)["invoke a Function"]!)).toBe(
      "allowed",
    );
    for (const size of inlineSizes(hundred)) expect(size).toBeLessThanOrEqual(10_240);
    for (const size of managedSizes(hundred)) expect(size).toBeLessThanOrEqual(6_144);
    expect(managedSizes(hundred).length).toBeGreaterThan(0);
    const fortyFive = appTemplate(manifestOf(Object.fromEntries(Array.from({ length: 45 }, (_, i) => [`${"f".repeat(60)}${i}`, {}]))));
    for (const size of inlineSizes(fortyFive)) expect(size).toBeLessThanOrEqual(10_240);
  });

  it("fits in it too when every Function has a queue, as many as a stack holds", () => {
    const fed = (count: number): Template =>
      appTemplate(manifestOf(Object.fromEntries(Array.from({ length: count }, (_, i) => [`${"f".repeat(60)}${i}`, { maxContainers: 1 }]))));
    for (const count of [22, 23, 100]) {
      for (const size of inlineSizes(fed(count))) expect(size).toBeLessThanOrEqual(10_240);
      for (const size of managedSizes(fed(count))) expect(size).toBeLessThanOrEqual(6_144);
    }
    // A role takes ten managed policies.
    for (const { Properties } of Object.values(fed(100).Resources).filter(({ Type }) => Type === "AWS::IAM::Role"))
      expect(Properties["ManagedPolicyArns"]).toHaveLength(6);
    const named = { action: "sqs:SendMessage", resource: `arn:aws:sqs:${AT}:${inputQueue("dev", "wordcount", { name: `${"f".repeat(60)}99`, kind: "function", maxContainers: 1 })}` }; // prettier-ignore
    expect(evaluate(statementsOf(fed(100), "functions"), named)).toBe("allowed");
    expect(evaluate(statementsOf(fed(100), "dispatcher"), named)).toBe("allowed");
  });
});

/** IAM counts no white space; the region and the partition are the longest there are. */
function size(document: { readonly Statement: readonly PolicyStatement[] }): number {
  return JSON.stringify(document, (_, value: unknown) => {
    const sub = (value as { "Fn::Sub"?: string } | null)?.["Fn::Sub"];
    return sub?.replace("${AWS::Partition}", "aws-us-gov").replaceAll("${AWS::Region}", "ap-southeast-99").replaceAll("${AWS::AccountId}", "123456789012") ?? value; // prettier-ignore
  }).length;
}

function inlineSizes(from: Template): readonly number[] {
  const roles = Object.values(from.Resources).filter(({ Type }) => Type === "AWS::IAM::Role");
  return roles.map(({ Properties }) => size(Properties["Policies"][0].PolicyDocument));
}

function managedSizes(from: Template): readonly number[] {
  return Object.values(from.Resources)
    .filter(({ Type }) => Type === "AWS::IAM::ManagedPolicy")
    .map(({ Properties }) => size(Properties["PolicyDocument"]));
}
