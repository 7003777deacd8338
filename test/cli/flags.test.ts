import { describe, expect, expectTypeOf, test } from "vitest";
import { type ArgsOf, type CommandSpec } from "../../src/cli/kit/command.ts";
import { type FlagsOf, flagTerm, readFlags } from "../../src/cli/kit/flags.ts";

const spec = {
  name: "example",
  summary: "",
  description: "",
  args: { file: { term: "file", description: "" }, words: { term: "args", description: "", many: true } },
  flags: {
    yes: { type: "boolean", short: "y", description: "" },
    maxItems: { type: "integer", short: "n", value: "count", min: 1, max: 20_000, default: 100, description: "" },
    port: { type: "integer", value: "port", min: 1, max: 65_535, description: "" },
    name: { type: "text", value: "name", description: "" },
    format: { type: "choice", value: "name", choices: ["html", "pdf"], default: "html", description: "" },
  },
  examples: [],
} as const satisfies CommandSpec;

describe("a command's flags", () => {
  test("have the types that its spec says", () => {
    expectTypeOf<FlagsOf<(typeof spec)["flags"]>>().toEqualTypeOf<{
      readonly yes: boolean;
      readonly maxItems: number;
      readonly port: number | undefined;
      readonly name: string | undefined;
      readonly format: "html" | "pdf";
    }>();
    expectTypeOf<ArgsOf<typeof spec>>().toEqualTypeOf<{ readonly file: string; readonly words: readonly string[] }>();
  });

  test("are read from what was typed, with their defaults", () => {
    expect(readFlags(spec.flags, {})).toEqual({ yes: false, maxItems: 100, port: undefined, name: undefined, format: "html" });
    expect(readFlags(spec.flags, { yes: true, maxItems: "7", port: "80", name: "7", format: "pdf" })).toEqual({
      yes: true,
      maxItems: 7,
      port: 80,
      name: "7",
      format: "pdf",
    });
  });

  test("are shown as they are written", () => {
    expect(Object.entries(spec.flags).map(([name, flag]) => flagTerm(name, flag))).toEqual([
      "-y, --yes",
      "-n, --max-items <count>",
      "--port <port>",
      "--name <name>",
      "--format <name>",
    ]);
  });

  test.each([
    [
      { maxItems: "many" },
      'Invalid value of --max-items: "many". It must be a whole number from 1 to 20,000.',
      "Write --max-items 100, or leave it out for the same.",
    ],
    [
      { maxItems: "0" },
      'Invalid value of --max-items: "0". It must be a whole number from 1 to 20,000.',
      "Write --max-items 100, or leave it out for the same.",
    ],
    [
      { maxItems: "1.5" },
      'Invalid value of --max-items: "1.5". It must be a whole number from 1 to 20,000.',
      "Write --max-items 100, or leave it out for the same.",
    ],
    [{ port: "" }, 'Invalid value of --port: "". It must be a whole number from 1 to 65,535.', "Write --port 100, or leave it out."],
    [{ format: "pfd" }, 'Unknown value of --format: "pfd". It must be html or pdf.', "Write --format pdf."],
    [{ format: "docx" }, 'Unknown value of --format: "docx". It must be html or pdf.', "Write one of --format html, --format pdf."],
  ])("%j is refused in words", (typed, message, hint) => {
    expect(() => readFlags(spec.flags, typed)).toThrow(expect.objectContaining({ code: "USAGE", message, hint }));
  });
});
