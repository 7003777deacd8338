import { describe, expect, it } from "vitest";
import { InvalidError } from "../../src/model/errors.ts";
import { canonicalReach, checkObjectPattern, mayReach, reachOf } from "../../src/model/reach.ts";

describe("an object may be used", () => {
  const reach = { dict: [{ name: "seen" }, { pattern: "user-*" }] };

  it("when it is named", () => {
    expect(mayReach(reach, "dict", "seen")).toBe(true);
  });

  it("when its name begins as a pattern does", () => {
    expect(mayReach(reach, "dict", "user-1")).toBe(true);
    expect(mayReach(reach, "dict", "user-")).toBe(true);
  });

  it("when it is ephemeral and its kind is used at all", () => {
    expect(mayReach(reach, "dict", "~di-0001")).toBe(true);
    expect(mayReach({ dict: [] }, "dict", "~di-0001")).toBe(true);
    expect(mayReach({}, "dict", "~di-0001")).toBe(false);
  });

  it.each(["seen2", "see", "Seen", "user", "user2", "", "*", "user*"])("and not when it is %j", (name) => {
    expect(mayReach(reach, "dict", name)).toBe(false);
  });

  it("and nothing may when nothing is named", () => {
    expect(mayReach({}, "dict", "seen")).toBe(false);
    expect(mayReach({ dict: [] }, "dict", "seen")).toBe(false);
  });
});

describe("a Function", () => {
  const manifest = {
    objects: { dict: [{ name: "seen" }] },
    functions: { all: {}, own: { uses: { dict: [{ name: "mine" }] } }, none: { uses: {} } },
  };

  it("may use all that its App names", () => {
    expect(reachOf(manifest, "all")).toEqual({ dict: [{ name: "seen" }] });
  });

  it("may use what it names itself, and no more", () => {
    expect(reachOf(manifest, "own")).toEqual({ dict: [{ name: "mine" }] });
    expect(reachOf(manifest, "none")).toEqual({});
  });

  it("may use nothing when nothing is named", () => {
    expect(reachOf({ functions: { all: {} } }, "all")).toEqual({});
  });
});

describe("equal reaches have one form", () => {
  it("whatever the order, and however often something is named", () => {
    const one = canonicalReach({ dict: [{ name: "b" }, { pattern: "a*" }, { name: "b" }] });
    expect(one).toEqual({ dict: [{ pattern: "a*" }, { name: "b" }] });
    expect(JSON.stringify(canonicalReach({ dict: [{ pattern: "a*" }, { name: "b" }] }))).toBe(JSON.stringify(one));
  });

  it("without what a pattern covers already", () => {
    expect(canonicalReach({ dict: [{ name: "user-1" }, { pattern: "user-*" }, { pattern: "user-1*" }, { name: "user" }] })).toEqual({
      dict: [{ name: "user" }, { pattern: "user-*" }],
    });
  });

  it("and a kind of which only ephemeral objects are used stays", () => {
    expect(canonicalReach({ dict: [] })).toEqual({ dict: [] });
    expect(canonicalReach({})).toEqual({});
  });
});

describe("a pattern", () => {
  it("is what names begin with, and a star", () => {
    expect(checkObjectPattern("user-*")).toBe("user-*");
    expect(checkObjectPattern("A.b_1*")).toBe("A.b_1*");
  });

  it.each(["*", "user", "us*er", "user-**", "user#*", "user/*", "us?r*", `${"x".repeat(64)}*`, "", 7, null])("is not %j", (pattern) => {
    expect(() => checkObjectPattern(pattern)).toThrow(InvalidError);
  });
});
