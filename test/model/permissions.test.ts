import { describe, expect, it } from "vitest";
import { canonicalPermissions, type Permission, resolvePermissions } from "../../src/model/permissions.ts";
import { App } from "../../src/index.ts";

const resolve = (permissions: unknown): readonly Permission[] => resolvePermissions('Function "read"', permissions);
const TABLE = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/prices";

describe("permissions", () => {
  it("are actions on resources, in which partition, region and account of the stack may stand", () => {
    const given = [{ actions: ["dynamodb:GetItem", "s3:Get*"], resources: [TABLE, "arn:aws:s3:::my-bucket/*"] }];
    expect(resolve(given)).toEqual(given);
    expect(resolve(undefined)).toEqual([]);
    expect(resolve([{ actions: ["*"], resources: ["*"] }])).toEqual([{ actions: ["*"], resources: ["*"] }]);
  });

  it.each([
    [{ actions: ["s3:GetObject"] }, "permissions is an object with the fields actions. It must be an array of { actions, resources }."],
    [["s3:GetObject"], `permissions[0] is "s3:GetObject". It must be { actions, resources }.`],
    [[{ actions: [], resources: ["*"] }], "permissions[0]: actions is an array of 0. It must be an array with at least one string."],
    [[{ actions: ["s3:GetObject"] }], "permissions[0]: resources is undefined. It must be an array with at least one string."],
    [
      [{ actions: ["GetObject"], resources: ["*"] }],
      `permissions[0]: actions[0] is "GetObject". It must be an action of IAM: service:Action.`,
    ],
    [
      [{ actions: ["S3:GetObject"], resources: ["*"] }],
      `permissions[0]: actions[0] is "S3:GetObject". It must be an action of IAM: service:Action.`,
    ],
    [
      [{ actions: ["s3:GetObject "], resources: ["*"] }],
      `permissions[0]: actions[0] is "s3:GetObject ". It must be an action of IAM: service:Action.`,
    ],
    [
      [{ actions: ["s3:*"], resources: ["arn:aws:s3:::a b"] }],
      `permissions[0]: resources[0] is "arn:aws:s3:::a b". It must be an ARN, or * for all.`,
    ],
    [[{ actions: [3], resources: ["*"] }], "permissions[0]: actions[0] is 3. It must be a string."],
    [[{ actions: ["s3:*"], resources: ["my-bucket"] }], `permissions[0]: resources[0] is "my-bucket". It must be an ARN, or * for all.`],
    [
      [{ actions: ["s3:*"], resources: ["arn:aws:s3:::${aws:username}"] }],
      'permissions[0]: resources[0] is "arn:aws:s3:::${aws:username}". It may hold ${AWS::Partition}, ${AWS::Region} and ${AWS::AccountId}, and no other ${…}.',
    ],
    [
      [{ actions: ["s3:*"], resources: ["*"], conditions: {} }],
      "permissions[0]: there is no `conditions` in a permission. It has actions and resources.",
    ],
  ])("that are %j are refused", (permissions, message) => {
    expect(() => resolve(permissions)).toThrow(`Function "read": ${message}`);
  });

  it("have one form in which equal ones are equal", () => {
    const first = { actions: ["s3:PutObject", "s3:GetObject"], resources: ["*"] };
    const same = { actions: ["s3:GetObject", "s3:PutObject", "s3:PutObject"], resources: ["*"] };
    expect(canonicalPermissions([first, same])).toEqual([{ actions: ["s3:GetObject", "s3:PutObject"], resources: ["*"] }]);
  });

  it("of an App are in its manifest with those of the Apps that it includes; those of a Function are the Function's", () => {
    const permission = (name: string): Permission => ({ actions: ["s3:GetObject"], resources: [`arn:aws:s3:::${name}/*`] });
    const app = new App("shop", { permissions: [permission("shop")] });
    const other = new App("stock", { permissions: [permission("stock")] });
    other.function("count", { permissions: [permission("count")] }, () => 1);
    app.function("sell", () => 1);
    const { permissions, functions } = app.include(other).toManifest();
    expect(permissions).toEqual([permission("shop"), permission("stock")]);
    expect(functions["count"]!.permissions).toEqual([permission("count")]);
    expect(functions["sell"]).not.toHaveProperty("permissions");
  });
});
