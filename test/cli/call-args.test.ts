import { describe, expect, test } from "vitest";
import { missingArgsNote, parseCallArg, parseCallArgs } from "../../src/cli/arguments/call-args.ts";
import { formatJson, formatValue } from "../../src/cli/render/format-value.ts";

describe("a Function's arguments", () => {
  test("are JSON where they parse as JSON, else the text itself", () => {
    const words = ["5", "-2.5", "true", "null", '{"a":[1]}', '"quoted"', "the whale", "1,2", "", "{broken", "007"];
    expect(words.map((word) => parseCallArg(word))).toEqual([
      5,
      -2.5,
      true,
      null,
      { a: [1] },
      "quoted",
      "the whale",
      "1,2",
      "",
      "{broken",
      "007",
    ]);
  });

  test("are all text with --raw", () => {
    expect(parseCallArgs(["--raw", "5", "true"]).args).toEqual(["5", "true"]);
    expect(parseCallArgs(["5"], true).args).toEqual(["5"]);
  });

  test("may begin with a dash after --", () => {
    expect(parseCallArgs(["-5", "--", "--help", "--raw"])).toEqual({ args: [-5, "--help", "--raw"], help: false });
  });

  test("a flag is refused: Functions have none", () => {
    expect(() => parseCallArgs(["--verbose", "5"])).toThrow(
      expect.objectContaining({ code: "USAGE", message: "Unknown flag: --verbose. A Function takes values, not flags." }),
    );
  });

  test("--help asks for the Function's help", () => {
    expect(parseCallArgs(["--help"]).help).toBe(true);
  });
});

describe("a call with too few arguments", () => {
  const add = (a: number, b: number): number => a + b;

  test("is told beforehand how many parameters there are", () => {
    expect([0, 1].map((given) => missingArgsNote("add", add, given))).toEqual([
      'Function "add" has 2 parameters, and is called with no argument.',
      'Function "add" has 2 parameters, and is called with 1 argument.',
    ]);
  });

  test("is none when defaults and rest parameters stand for them", () => {
    expect(missingArgsNote("add", add, 2)).toBeUndefined();
    expect(missingArgsNote("greet", (name = "world", ...more: string[]) => [name, more], 0)).toBeUndefined();
  });
});

describe("a result", () => {
  test("for people: text as it is, nothing for undefined, objects as Node prints them", () => {
    expect([undefined, "a\nb", 3, { a: new Map([["k", 1n]]) }].map((value) => formatValue(value, false))).toEqual([
      "",
      "a\nb",
      "3",
      "{ a: Map(1) { 'k' => 1n } }",
    ]);
  });

  test("for programs: always one line of JSON", () => {
    const cycle: Record<string, unknown> = { name: "loop" };
    cycle["self"] = cycle;
    const values = [
      undefined,
      "a\nb",
      Number.NaN,
      12n,
      new Map([["k", new Set([1n])]]),
      new Date(0),
      Buffer.from("hi"),
      cycle,
      new TypeError("no"),
      { a: undefined, b: [undefined] },
    ];
    expect(values.map(formatJson)).toEqual([
      "null",
      '"a\\nb"',
      "null",
      '"12"',
      '[["k",["1"]]]',
      '"1970-01-01T00:00:00.000Z"',
      '"aGk="',
      '{"name":"loop","self":"[Circular]"}',
      '{"name":"TypeError","message":"no"}',
      '{"b":[null]}',
    ]);
  });
});
