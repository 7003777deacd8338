import { describe, expect, test } from "vitest";
import { joinUses, listUses, mayReach, reachOf } from "../../src/model/reach.ts";

describe("what code may use", () => {
  test.each([
    ["seen", true],
    ["seen-2", false],
    ["user-", true],
    ["user-ada", true],
    ["my-user-ada", false],
    ["logs.2026", true],
    ["logsx2026", false],
    ["a-log", true],
    ["~di-0123456789012345678901", true],
    ["", false],
  ])("%j: %s", (name, may) => {
    const reach = [{ name: "seen" }, { pattern: "user-*" }, { pattern: "logs.*" }, { pattern: "*-log" }];
    expect(mayReach(reach, name)).toBe(may);
  });

  test("is nothing without a reach but what has no name", () => {
    expect(mayReach(undefined, "seen")).toBe(false);
    expect(mayReach([], "seen")).toBe(false);
    expect(mayReach(undefined, "~di-1")).toBe(true);
  });

  test("is listed once each, and back", () => {
    const uses = [
      { kind: "dict", object: { name: "a" } },
      { kind: "dict", object: { pattern: "a*" } },
      { kind: "dict", object: { name: "a" } },
    ] as const;
    const reach = joinUses(uses);
    expect(reach).toEqual({ dict: [{ name: "a" }, { pattern: "a*" }] });
    expect(listUses(reach)).toEqual(uses.slice(0, 2));
    expect(joinUses([])).toBeUndefined();
    expect(listUses(undefined)).toEqual([]);
  });

  test("is for a Function its own, else its App's", () => {
    const app = { reach: { dict: [{ name: "a" }] } };
    expect(reachOf(app, {})).toBe(app.reach);
    expect(reachOf(app, { reach: {} })).toEqual({});
    expect(reachOf({}, undefined)).toEqual({});
  });
});
