import { describe, expect, test } from "vitest";
import { flagName, parseEntrypointArgs } from "../../src/cli/arguments/entrypoint-flags.ts";
import { entrypointHelp, functionHelp } from "../../src/cli/arguments/entrypoint-help.ts";
import type { EntrypointSpec } from "../../src/model/manifest.ts";

const spec: EntrypointSpec = {
  name: "main",
  options: {
    file: { type: "string", short: "f", default: "README.md", description: "the text to read" },
    maxWords: { type: "number", short: "n", description: "stop after so many words" },
    dryRun: { type: "boolean" },
    tag: { type: "string", multiple: true },
    weights: { type: "number", multiple: true, default: [1, 2] },
  },
  positionals: null,
};
const read = (...words: string[]): unknown => parseEntrypointArgs(words, spec).values;

describe("an entrypoint's flags", () => {
  test("defaults stand where nothing is given", () => {
    expect(read()).toEqual({ file: "README.md", weights: [1, 2] });
  });

  test("long, short, joined and repeated flags are read as util.parseArgs reads them", () => {
    expect(read("--file", "a.md", "-n5", "--dry-run", "--tag", "x", "--tag=y")).toEqual({
      file: "a.md",
      maxWords: 5,
      dryRun: true,
      tag: ["x", "y"],
      weights: [1, 2],
    });
    expect(read("-f", "b.md", "--max-words=1e3")).toMatchObject({ file: "b.md", maxWords: 1000 });
  });

  test("an option may be written as it is named in the file, or with dashes", () => {
    expect(read("--maxWords", "3")).toEqual(read("--max-words", "3"));
    expect(["maxWords", "file", "a2B"].map(flagName)).toEqual(["max-words", "file", "a2-b"]);
  });

  test("a number may be negative", () => {
    expect(read("--max-words", "-5")).toMatchObject({ maxWords: -5 });
  });

  test("--no-x is false", () => {
    expect(read("--no-dry-run")).toMatchObject({ dryRun: false });
  });

  test("the last of two wins where one is wanted", () => {
    expect(read("--file", "a", "--file", "b")).toMatchObject({ file: "b" });
  });

  test("the declared default is not the list that the entrypoint gets to change", () => {
    const values = read() as { weights: number[] };
    values.weights.push(3);
    expect(read()).toMatchObject({ weights: [1, 2] });
  });

  test.each([
    [["--fil", "x"], "unknown flag --fil", "Did you mean --file?"],
    [["--max-wrods", "1"], "unknown flag --max-wrods", "Did you mean --max-words?"],
    [["--color"], "unknown flag --color", "Its flags: --file, --max-words, --dry-run, --tag, --weights."],
    [
      ["--json"],
      "unknown flag --json: the words after the file are the entrypoint's",
      "Tenon's own flags go before the file: tenon run --json file.ts.",
    ],
    [["--max-words", "many"], `--max-words needs a number, got "many"`, "Write it in digits, such as --max-words 10."],
    [["--max-words", ""], `--max-words needs a number, got ""`, "Write it in digits, such as --max-words 10."],
    [["--file"], "--file needs a string", "Write --file <string>."],
    [
      ["--file", "--dry-run"],
      `--file needs a string, got the flag "--dry-run"`,
      `For a value that begins with "-" write --file=--dry-run.`,
    ],
    [["--dry-run=yes"], `--dry-run takes no value, got "yes"`, "Write --dry-run for yes, --no-dry-run for no."],
    [
      ["stray"],
      `unexpected argument "stray": this entrypoint takes flags only`,
      "Its flags: --file, --max-words, --dry-run, --tag, --weights.",
    ],
  ])("%j is refused in words", (words, message, hint) => {
    expect(() => parseEntrypointArgs(words, spec)).toThrow(expect.objectContaining({ code: "USAGE", message, hint }));
  });

  test("--help wins over what is missing", () => {
    expect(parseEntrypointArgs(["--help", "stray"], spec).help).toBe(true);
    expect(parseEntrypointArgs(["-h"], spec).help).toBe(true);
  });

  test("an entrypoint may have a help flag and a -h of its own", () => {
    const own: EntrypointSpec = {
      name: "main",
      options: { help: { type: "string" }, host: { type: "string", short: "h" } },
      positionals: null,
    };
    expect(parseEntrypointArgs(["--help", "me", "-h", "here"], own)).toEqual({
      values: { help: "me", host: "here" },
      positionals: [],
      help: false,
    });
  });

  test("positionals are kept in order, and what follows -- is one of them", () => {
    const open: EntrypointSpec = { ...spec, positionals: ["paths"] };
    expect(parseEntrypointArgs(["a", "--dry-run", "b", "--", "--file"], open)).toMatchObject({
      positionals: ["a", "b", "--file"],
      values: { dryRun: true, file: "README.md" },
    });
  });

  test("an option may be named as a member that every object has", () => {
    const odd = {
      name: "main",
      options: { constructor: { type: "string", multiple: true, default: ["x"] } },
      positionals: null,
    } as unknown as EntrypointSpec;
    expect(parseEntrypointArgs([], odd).values["constructor"]).toEqual(["x"]);
    expect(parseEntrypointArgs(["--constructor", "y"], odd).values["constructor"]).toEqual(["y"]);
  });
});

describe("an entrypoint's help", () => {
  test("is made from its options", () => {
    expect(entrypointHelp("tenon run wordcount.ts", "wordcount", { ...spec, positionals: ["paths"] }, false)).toMatchInlineSnapshot(`
      "Usage: tenon run wordcount.ts [flags] [paths]

      Runs the entrypoint "main" of the App "wordcount" on this machine.

      Flags:
        -f, --file <string>        the text to read (default: "README.md")
        -n, --max-words <number>   stop after so many words
            --dry-run
            --tag <string>...      (may be repeated)
            --weights <number>...  (may be repeated) (default: [1,2])
        -h, --help                 show this help
      "
    `);
  });

  test("says that a schema checks the flags", () => {
    expect(entrypointHelp("tenon run shop.ts", "shop", { name: "main", positionals: null }, true)).toMatchInlineSnapshot(`
      "Usage: tenon run shop.ts [flags]

      Runs the entrypoint "main" of the App "shop" on this machine.

      Its flags are checked by a schema: --name value, --name=value, --name, --no-name.

      Flags:
        -h, --help  show this help
      "
    `);
  });

  test("a Function's help says how its arguments are read", () => {
    const retries = { maxRetries: 3, backoffCoefficient: 1, initialDelayMs: 1000, maxDelayMs: 60000 };
    const fn = {
      name: "count",
      kind: "function",
      timeoutMs: 300_000,
      startupTimeoutMs: 300_000,
      memoryMiB: 1024,
      cpu: 1,
      retries,
      env: {},
      minContainers: 0,
      maxContainers: null,
      bufferContainers: 0,
      scaledownWindowMs: 60_000,
      singleUseContainers: false,
    } as const;
    expect(functionHelp("tenon run wordcount.ts::count", "wordcount", fn)).toMatchInlineSnapshot(`
      "Usage: tenon run wordcount.ts::count [args...]

      Calls the Function "count" of the App "wordcount" once, on this machine, and prints its result.

      Arguments:
        args  what the Function is called with, in order: JSON where it parses as JSON, else the text itself

      Flags:
            --raw   take every argument as text
        -h, --help  show this help

      Limits: 300,000 ms per attempt, 1,024 MiB, 3 retries.
      "
    `);
  });
});
