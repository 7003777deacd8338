import { describe, expect, it } from "vitest";
import { evaluate, type PolicyStatement } from "./policy.ts";

const allow = (Action: string, Resource: string, Condition?: PolicyStatement["Condition"]): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource,
  ...(Condition && { Condition }),
});
const get = { action: "dynamodb:GetItem", resource: "table/calls" };
const keys = "dynamodb:LeadingKeys";

describe("the policy evaluator", () => {
  it("denies what nothing allows", () => {
    expect(evaluate([], get)).toBe("denied");
    expect(evaluate([allow("dynamodb:PutItem", "*")], get)).toBe("denied");
    expect(evaluate([allow("*", "table/data")], get)).toBe("denied");
  });

  it("knows wildcards, and that actions have no case", () => {
    expect(evaluate([allow("dynamodb:Get*", "table/*")], get)).toBe("allowed");
    expect(evaluate([allow("DynamoDB:getitem", "table/call?")], get)).toBe("allowed");
    expect(evaluate([allow("dynamodb:Get", "*")], get)).toBe("denied");
    expect(evaluate([allow("dynamodb:*", "table.calls")], get)).toBe("denied");
  });

  it("lets a deny win", () => {
    expect(evaluate([allow("*", "*"), { ...allow("dynamodb:*", "*"), Effect: "Deny" }], get)).toBe("explicitly denied");
  });

  it("asks every value of a key, and is content without any, as IAM is", () => {
    const all = [allow("*", "*", { "ForAllValues:StringLike": { [keys]: ["a#*", "b#1"] } })];
    expect(evaluate(all, { ...get, context: { [keys]: ["a#1", "b#1"] } })).toBe("allowed");
    expect(evaluate(all, { ...get, context: { [keys]: ["a#1", "c#1"] } })).toBe("denied");
    expect(evaluate(all, { ...get, context: { [keys]: ["ab#1"] } })).toBe("denied");
    expect(evaluate(all, get)).toBe("allowed");
    expect(evaluate([allow("*", "*", { "ForAnyValue:StringLike": { [keys]: "a#*" } })], get)).toBe("denied");
  });

  it("sees a missing key by Null", () => {
    const needed = [allow("*", "*", { Null: { [keys]: "false" } })];
    expect(evaluate(needed, get)).toBe("denied");
    expect(evaluate(needed, { ...get, context: { [keys]: [] } })).toBe("denied");
    expect(evaluate(needed, { ...get, context: { [keys]: ["a"] } })).toBe("allowed");
  });

  it("holds a condition of a missing key for untrue, unless it says what must not be", () => {
    expect(evaluate([allow("*", "*", { StringEquals: { "aws:x": "1" } })], get)).toBe("denied");
    expect(evaluate([allow("*", "*", { StringNotEquals: { "aws:x": "1" } })], get)).toBe("allowed");
    expect(evaluate([allow("*", "*", { Bool: { "aws:SecureTransport": "false" } })], get)).toBe("denied");
  });

  it("passes nothing that it does not understand", () => {
    expect(() => evaluate([allow("*", "*", { IpAddress: { "aws:SourceIp": "10.0.0.0/8" } })], get)).toThrow("IpAddress");
  });
});
