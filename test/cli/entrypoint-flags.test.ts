import { describe, expect, test } from "vitest";
import { type EntrypointTakes, parseEntrypointArgs } from "../../src/cli/arguments/entrypoint-flags.ts";
import { entrypointHelp, functionHelp } from "../../src/cli/arguments/entrypoint-help.ts";
import { readEntrypoint } from "../../src/cli/arguments/read-entrypoint.ts";
import { spec as runSpec } from "../../src/cli/commands/run.ts";
import { flagName } from "../../src/cli/kit/flags.ts";
import { GLOBAL_FLAGS } from "../../src/cli/kit/globals.ts";

const takes: EntrypointTakes = {
  flags: {
    file: { type: "string", short: "f", default: "README.md", description: "the text to read" },
    maxWords: { type: "number", short: "n", description: "stop after so many words" },
    dryRun: { type: "boolean" },
    tag: { type: "string", multiple: true },
    weights: { type: "number", multiple: true, default: [1, 2] },
  },
  positionals: null,
  tenonFlags: { ...runSpec.flags, ...GLOBAL_FLAGS },
};
const argumentOf = async (options: EntrypointTakes["flags"], words: readonly string[]): Promise<unknown> => {
  const spec = { name: "main", options: options as never, positionals: takes.positionals };
  const found = await readEntrypoint({ spec, schema: undefined }, words, {});
  return "argument" in found ? found.argument : found;
};
const read = (...words: string[]): Promise<unknown> => argumentOf(takes.flags, words);

const ITS_FLAGS = "Its flags are --file, --max-words, --dry-run, --tag, --weights.";
const MISPLACED = (flag: string): string => `Unknown flag: ${flag}. The flags after the file are the entrypoint's.`;

describe("an entrypoint's flags", () => {
  test("defaults stand where nothing is given", async () => {
    expect(await read()).toEqual({ file: "README.md", weights: [1, 2] });
  });

  test("long, short, joined and repeated flags are read as util.parseArgs reads them", async () => {
    expect(await read("--file", "a.md", "-n5", "--dry-run", "--tag", "x", "--tag=y")).toEqual({
      file: "a.md",
      maxWords: 5,
      dryRun: true,
      tag: ["x", "y"],
      weights: [1, 2],
    });
    expect(await read("-f", "b.md", "--max-words=1e3")).toMatchObject({ file: "b.md", maxWords: 1000 });
  });

  test("an option may be written as it is named in the file, or with dashes", async () => {
    expect(await read("--maxWords", "3")).toEqual(await read("--max-words", "3"));
    expect(["maxWords", "file", "a2B"].map(flagName)).toEqual(["max-words", "file", "a2-b"]);
  });

  test("a number may be negative", async () => {
    expect(await read("--max-words", "-5")).toMatchObject({ maxWords: -5 });
  });

  test("--no-x is false", async () => {
    expect(await read("--no-dry-run")).toMatchObject({ dryRun: false });
  });

  test("the last of two wins where one is wanted", async () => {
    expect(await read("--file", "a", "--file", "b")).toMatchObject({ file: "b" });
  });

  test("the declared default is not the list that the entrypoint gets to change", async () => {
    const values = (await read()) as { weights: number[] };
    values.weights.push(3);
    expect(await read()).toMatchObject({ weights: [1, 2] });
  });

  test.each([
    [["--fil", "x"], "Unknown flag: --fil.", "Write --file."],
    [["--max-wrods", "1"], "Unknown flag: --max-wrods.", "Write --max-words."],
    [["--color"], `Unknown flag: --color. ${ITS_FLAGS}`, "Leave it out, or run the file with --help."],
    [["--json"], MISPLACED("--json"), "Write Tenon's own flags before the file: tenon run --json app.ts."],
    [["--aws"], MISPLACED("--aws"), "Write Tenon's own flags before the file: tenon run --aws app.ts."],
    [["-e", "prod"], MISPLACED("-e"), "Write Tenon's own flags before the file: tenon run -e app.ts."],
    [["--max-words", "many"], `Invalid value of --max-words: "many". It must be a number.`, "Write digits, such as --max-words 10."],
    [["--max-words", ""], `Invalid value of --max-words: "". It must be a number.`, "Write digits, such as --max-words 10."],
    [["--file"], "--file has no value. It takes a string.", "Write --file <string>."],
    [
      ["--file", "--dry-run"],
      `--file has no value, but a flag follows it: "--dry-run".`,
      `Write --file=--dry-run for a value that begins with "-".`,
    ],
    [["--dry-run=yes"], `--dry-run takes no value: "yes".`, "Write --dry-run for yes, --no-dry-run for no."],
    [["stray"], `Unexpected argument: "stray". This entrypoint takes flags only. ${ITS_FLAGS}`, "Write --name value, or leave it out."],
  ])("%j is refused in words", (words, message, hint) => {
    expect(() => parseEntrypointArgs(words, takes)).toThrow(expect.objectContaining({ code: "USAGE", message, hint }));
  });

  test("--help wins over what is missing", () => {
    expect(parseEntrypointArgs(["--help", "stray"], takes).help).toBe(true);
    expect(parseEntrypointArgs(["-h"], takes).help).toBe(true);
  });

  test("a required one is missed before anything runs", () => {
    const flags = { count: { type: "number", required: true }, id: { type: "string", required: true } } as const;
    const parse = (...words: string[]) => parseEntrypointArgs(words, { flags, positionals: null });
    expect(() => parse()).toThrow(expect.objectContaining({ message: "Missing flags: --count <number>, --id <string>." }));
    expect(() => parse("--id", "x")).toThrow(expect.objectContaining({ message: "Missing flag: --count <number>." }));
    expect(parse("--help").help).toBe(true);
  });

  test("an entrypoint may have a help flag and a -h of its own", () => {
    const own: EntrypointTakes = {
      flags: { help: { type: "string" }, host: { type: "string", short: "h" } },
      positionals: null,
    };
    expect(parseEntrypointArgs(["--help", "me", "-h", "here"], own)).toEqual({
      values: { help: "me", host: "here" },
      positionals: [],
      help: false,
    });
  });

  test("positionals are kept in order, and what follows -- is one of them", () => {
    const open: EntrypointTakes = { ...takes, positionals: ["paths"] };
    expect(parseEntrypointArgs(["a", "--dry-run", "b", "--", "--file"], open)).toMatchObject({
      positionals: ["a", "b", "--file"],
      values: { dryRun: true },
    });
  });

  test("an option may be named as a member that every object has", async () => {
    const odd = { constructor: { type: "string", multiple: true, default: ["x"] } } as unknown as EntrypointTakes["flags"];
    expect(await argumentOf(odd, [])).toEqual({ constructor: ["x"] });
    expect(await argumentOf(odd, ["--constructor", "y"])).toEqual({ constructor: ["y"] });
  });
});

describe("an entrypoint's help", () => {
  test("is made from its options", () => {
    expect(
      entrypointHelp({
        command: "tenon run wordcount.ts",
        app: "wordcount",
        entrypoint: "main",
        flags: takes.flags,
        positionals: ["paths"],
      }),
    ).toMatchInlineSnapshot(`
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

  test("says so when a schema does not tell its fields", () => {
    expect(entrypointHelp({ command: "tenon run shop.ts", app: "shop", entrypoint: "main", flags: null, positionals: null }))
      .toMatchInlineSnapshot(`
      "Usage: tenon run shop.ts [flags]

      Runs the entrypoint "main" of the App "shop" on this machine.

      Its flags can't be listed: its schema checks them, and does not tell its fields.
      Write --name value, --name=value, --name or --no-name.

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
        args  the arguments of the Function, in order: JSON where they parse as JSON, else text

      Flags:
            --raw   take every argument as text
        -h, --help  show this help

      Limits: 300,000 ms per attempt, 1,024 MiB, 3 retries.
      "
    `);
  });
});
