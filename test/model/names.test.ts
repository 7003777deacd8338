import { describe, expect, it } from "vitest";
import { InvalidError } from "../../src/model/errors.ts";
import { checkCallId, checkEnvKey, checkEnvironmentName, checkFunctionName, checkName, checkTag } from "../../src/model/names.ts";
import { refusal } from "./refusal.ts";

describe("names", () => {
  it.each(["a", "my-app", "my_app", "v1.2", "a-", "_x", "ap-short", "x".repeat(64), "constructor"])("of objects may be %s", (name) => {
    expect(checkName("Dict", name)).toBe(name);
  });

  it.each([
    "",
    "a b",
    "a/b",
    "ä",
    "a\n",
    "x".repeat(65),
    "ap-0123456789abcdefABCDEF",
    "__proto__",
    "-",
    "-x",
    "--all",
    ".",
    "..",
    "...",
    7,
    undefined,
    null,
  ])("of objects may not be %j", (name) => {
    expect(() => checkName("Dict", name)).toThrow(InvalidError);
  });

  it("that are wrong are shown, with what is allowed and what to write", () => {
    expect(refusal(() => checkName("App", "word count!"))).toEqual({
      message:
        'Invalid App name: "word count!". Names may contain only alphanumeric characters, dashes, periods and underscores, must be 1 to 64 characters long, and cannot begin with a dash, be periods only or conflict with App ID strings (ap-…).',
      hint: 'Write "word-count-".',
    });
    expect(refusal(() => checkName("Dict", 7)).hint).toBe('Give a string, such as "my-name".');
    expect(refusal(() => checkName("Dict", "!!")).hint).toBe('Take another name, such as "my-name".');
  });

  it("of Functions have no period, which separates a class from its method", () => {
    expect(checkFunctionName("count_words")).toBe("count_words");
    expect(refusal(() => checkFunctionName("Model.predict"))).toEqual({
      message:
        'Invalid Function name: "Model.predict". A Function\'s name cannot contain a period, which separates a class from its method.',
      hint: 'Write "Model-predict".',
    });
  });

  it("that look like a flag are refused, with the name to write", () => {
    expect(refusal(() => checkFunctionName("-count")).hint).toBe('Write "count".');
    expect(refusal(() => checkName("App", "--all")).hint).toBe('Write "all".');
  });

  it("of environments begin with a letter or digit, and not with en-", () => {
    expect(checkEnvironmentName("dev.2_x-y")).toBe("dev.2_x-y");
    for (const name of ["", "-dev", ".dev", "_dev", "en-dev", "a b", "x".repeat(65)])
      expect(() => checkEnvironmentName(name)).toThrow(InvalidError);
    expect(refusal(() => checkEnvironmentName("en-dev")).hint).toBe('Write "dev".');
  });

  it("of tags and their values are at most 63 characters", () => {
    expect(checkTag("team", "search")).toBe("search");
    expect(refusal(() => checkTag("a:b", "x")).message).toContain('Invalid tag key: "a:b".');
    expect(refusal(() => checkTag("a", "x y")).message).toContain('Invalid tag value of "a": "x y".');
    expect(() => checkTag("a", "x".repeat(64))).toThrow(InvalidError);
    expect(() => checkTag("a", 1)).toThrow(InvalidError);
  });

  it("of environment variables are what Lambda takes: two or more letters, digits and underscores, a letter first", () => {
    for (const key of ["A1", "a_", "LOG_LEVEL"]) expect(checkEnvKey("x", key)).toBe(key);
    for (const key of ["", "A", "_A", "_X", "é1", "1A", "A-B", "A B", "A=B", "__proto__"])
      expect(() => checkEnvKey("x", key)).toThrow(InvalidError);
  });
});

describe("a call id that the caller chose", () => {
  it.each(["order-7", "fc-0123456789abcdefABCDEF", "2024:05.x_y", "x".repeat(128)])("may be %s", (id) => {
    expect(checkCallId(id)).toBe(id);
  });

  it.each(["", "-a", "a b", "a/b", "x".repeat(129), 7])("may not be %j", (id) => {
    expect(() => checkCallId(id)).toThrow(InvalidError);
  });
});
