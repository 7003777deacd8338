import type { StandardSchemaV1 } from "@standard-schema/spec";
import { describe, expect, test } from "vitest";
import { parseUntypedFlags, validateFlags } from "../../src/cli/arguments/schema-flags.ts";

/** A schema for `{ count: number, id: string, deep?: unknown }`, written by the published interface. */
const schema: StandardSchemaV1 = {
  "~standard": {
    version: 1,
    vendor: "test",
    validate(value) {
      const { count, id } = value as Record<string, unknown>;
      const issues = [];
      if (typeof count !== "number") issues.push({ message: "expected a number", path: ["count"] });
      if (typeof id !== "string") issues.push({ message: "expected a string", path: [{ key: "id" }] });
      return issues.length > 0 ? { issues } : { value: { ...(value as object), checked: true } };
    },
  },
};

describe("flags that a schema checks", () => {
  test("are read without knowing their types", () => {
    expect(
      parseUntypedFlags([
        "--max-words",
        "3",
        "--dry-run",
        "--name=a=b",
        "--no-cache",
        "pos",
        "--tag",
        "x",
        "--tag",
        "y",
        "--tag",
        "z",
        "--",
        "--rest",
      ]),
    ).toEqual({
      values: { maxWords: "3", dryRun: true, name: "a=b", cache: false, tag: ["x", "y", "z"] },
      positionals: ["pos", "--rest"],
      help: false,
    });
  });

  test("a negative number is a value", () => {
    expect(parseUntypedFlags(["--by", "-5"]).values).toEqual({ by: "-5" });
  });

  test("a flag named as a member that every object has is data, and nothing is polluted", () => {
    expect(Object.entries(parseUntypedFlags(["--constructor", "x", "--to-string", "y", "--__proto__", "z"]).values)).toEqual([
      ["constructor", "x"],
      ["toString", "y"],
    ]);
    expect(({} as Record<string, unknown>)["z"]).toBeUndefined();
  });

  test("a field refused as text is tried as JSON, one that is taken stays text", async () => {
    expect(await validateFlags({ schema, values: { count: "3", id: "007" } })).toEqual({ count: 3, id: "007", checked: true });
  });

  test("what is refused is named as it was typed", async () => {
    await expect(validateFlags({ schema, values: { count: "many" } })).rejects.toMatchObject({
      code: "USAGE",
      message: `The entrypoint's schema refuses its flags: --count (given "many"): expected a number; --id (not given): expected a string.`,
    });
  });
});
