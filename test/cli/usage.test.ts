import { describe, expect, test } from "vitest";
import { tenon } from "./run-cli.ts";

describe("a wrong command line exits with 2 and says what to do", () => {
  const cases: [string, string[]][] = [
    ["a mistyped command", ["depoly"]],
    ["a word that is no command", ["frobnicate"]],
    ["a file where a command belongs", ["wordcount.ts", "--file", "a.md"]],
    ["a mistyped verb", ["app", "lits"]],
    ["an unknown verb", ["app", "frobnicate"]],
    ["an unknown flag of a command", ["app", "list", "--loca"]],
    ["an unknown flag of tenon", ["--jsn", "app", "list"]],
    ["a missing argument", ["call"]],
    ["too many arguments", ["app", "list", "more"]],
    ["a flag without its value", ["app", "logs", "shop", "-n"]],
    ["a mistyped flag before the file", ["run", "--vrebose", "app.ts"]],
  ];
  test.each(cases)("%s", async (name, line) => {
    const { code, stdout, stderr } = await tenon(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatchSnapshot(name);
  });

  test("with --json it is one JSON object", async () => {
    const { code, stderr } = await tenon(["--json", "depoly"]);
    expect(code).toBe(2);
    expect(JSON.parse(stderr)).toEqual({
      error: { code: "USAGE", name: "UsageError", message: `Unknown command: "depoly".`, hint: "Write tenon deploy." },
    });
  });

  test("a --json after the file is the entrypoint's, so the error stays text", async () => {
    const { stderr } = await tenon(["run", "--nonsense", "app.ts", "--json"]);
    expect(stderr).toMatch(/^error: /);
  });
});
