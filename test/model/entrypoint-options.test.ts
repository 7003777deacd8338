import { describe, expect, it } from "vitest";
import { resolveEntrypoint } from "../../src/model/entrypoint-options.ts";
import type { EntrypointParams } from "../../src/model/entrypoint-options.ts";
import { InvalidError } from "../../src/model/errors.ts";

describe("a local entrypoint", () => {
  it("is main, without flags and positionals, when nothing is said", () => {
    expect(resolveEntrypoint()).toEqual({ name: "main", options: {}, positionals: null });
  });

  it("keeps what it says of its command line, as JSON", () => {
    const options = {
      file: { type: "string", short: "f", default: "README.md", description: "What to read" },
      top: { type: "number", default: 10 },
      quiet: { type: "boolean", short: undefined },
      tag: { type: "string", multiple: true, default: ["a", "b"] },
    };
    const spec = resolveEntrypoint({ name: "count", options, positionals: ["source", "target"] } as EntrypointParams);
    expect(spec).toEqual({ name: "count", options: { ...options, quiet: { type: "boolean" } }, positionals: ["source", "target"] });
    expect(JSON.parse(JSON.stringify(spec))).toEqual(spec);
  });

  it("leaves its flags to a Standard Schema", () => {
    const schema = { "~standard": { version: 1, vendor: "ours", validate: (value: unknown) => ({ value }) } };
    expect(resolveEntrypoint({ options: schema })).toEqual({ name: "main", positionals: null });
    expect(resolveEntrypoint({ options: Object.assign(() => 1, schema) })).toEqual({ name: "main", positionals: null });
  });

  it.each<[unknown, string]>([
    [{ name: "a b" }, 'Invalid entrypoint name: "a b".'],
    [{ args: [] }, "localEntrypoint: `args` is now `positionals`."],
    [
      { options: { "a b": { type: "string" } } },
      'Entrypoint "main": the flag is "a b". It must be letters, digits, dashes and underscores, and begin with a letter.',
    ],
    [
      { options: { maxWords: { type: "number" }, "max-words": { type: "number" } } },
      'Entrypoint "main": the flags "maxWords" and "max-words" are both written --max-words.',
    ],
    [{ options: { n: { type: "integer" } } }, 'Entrypoint "main": --n: type is "integer". It must be "string", "boolean" or "number".'],
    [{ options: { n: "string" } }, 'Entrypoint "main": --n: the options are "string". They must be a plain object.'],
    [{ options: { n: { type: "number", short: "no" } } }, 'Entrypoint "main": --n: short is "no". It must be one letter.'],
    [
      { options: { a: { type: "number", short: "x" }, b: { type: "number", short: "x" } } },
      'Entrypoint "main": --b: short "x" is taken by --a.',
    ],
    [{ options: { n: { type: "number", default: "10" } } }, 'Entrypoint "main": --n: default is "10". It must be a number.'],
    [
      { options: { n: { type: "number", multiple: true, default: 10 } } },
      'Entrypoint "main": --n: default is 10. It must be an array of numbers, as multiple is true.',
    ],
    [
      { options: { n: { type: "number", required: true } } },
      'Entrypoint "main": --n: there is no option `required`. The options are type, short, multiple, default, description.',
    ],
    [
      { positionals: "file" },
      'Entrypoint "main": positionals is "file". It must be an array of different names, each letters, digits, dashes and underscores.',
    ],
    [
      { positionals: ["a", "a"] },
      'Entrypoint "main": positionals is ["a","a"]. It must be an array of different names, each letters, digits, dashes and underscores.',
    ],
  ])("refuses %j", (params, message) => {
    expect(() => resolveEntrypoint(params as EntrypointParams)).toThrow(InvalidError);
    expect(() => resolveEntrypoint(params as EntrypointParams)).toThrow(message);
  });
});
