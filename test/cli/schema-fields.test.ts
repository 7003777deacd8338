import type { StandardSchemaV1 } from "@standard-schema/spec";
import { type } from "arktype";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readEntrypoint } from "../../src/cli/arguments/read-entrypoint.ts";
import { schemaFlags } from "../../src/cli/arguments/schema-fields.ts";
import { spec as runSpec } from "../../src/cli/commands/run.ts";
import { GLOBAL_FLAGS } from "../../src/cli/kit/globals.ts";
import { tenonBin } from "./bin.ts";

const ofZod = z.object({
  pages: z.number().int().default(3).describe("how many"),
  title: z.string(),
  draft: z.boolean().optional(),
  tag: z.array(z.string()).optional(),
  format: z.enum(["html", "pdf"]).default("html"),
  since: z.date().optional(),
});
const ofValibot = v.object({
  pages: v.optional(v.pipe(v.number(), v.description("how many")), 3),
  title: v.string(),
  draft: v.optional(v.boolean()),
  tag: v.optional(v.array(v.string())),
  format: v.optional(v.picklist(["html", "pdf"]), "html"),
  since: v.optional(v.date()),
});
const ofArktype = type({
  "pages?": "number.integer",
  title: "string",
  "draft?": "boolean",
  "tag?": "string[]",
  "format?": "'html' | 'pdf'",
  "since?": "Date",
});
/** As one is written by hand: it does not tell its fields. */
const untold: StandardSchemaV1 = {
  "~standard": {
    version: 1,
    vendor: "nobody",
    validate(value) {
      const { count } = value as { count?: unknown };
      return typeof count === "number" ? { value: { count } } : { issues: [{ message: "expected a number", path: ["count"] }] };
    },
  },
};

const read = (schema: StandardSchemaV1, ...words: string[]): Promise<unknown> =>
  readEntrypoint({ spec: { name: "main", positionals: null }, schema }, words, { ...runSpec.flags, ...GLOBAL_FLAGS });

describe("the fields of a schema", () => {
  test("of zod are flags with type, default, description and whether they are required", () => {
    expect(schemaFlags(ofZod)).toEqual({
      pages: { type: "number", default: 3, description: "how many" },
      title: { type: "string", required: true },
      draft: { type: "boolean" },
      tag: { type: "string", multiple: true },
      format: { type: "string", default: "html", description: "one of html, pdf" },
      since: { type: "value" },
    });
  });

  test("of valibot and arktype are the same, as far as they say it", () => {
    expect(schemaFlags(ofValibot)).toEqual(schemaFlags(ofZod));
    expect(schemaFlags(ofArktype as StandardSchemaV1)).toMatchObject({
      pages: { type: "number" },
      title: { type: "string", required: true },
      draft: { type: "boolean" },
      tag: { type: "string", multiple: true },
    });
  });

  test("are those that go in, also where something else comes out", () => {
    expect(Object.keys(schemaFlags(ofZod.transform(({ title }) => title)) ?? {})).toEqual(Object.keys(ofZod.shape));
  });

  test("can't be listed of a schema that does not tell them", () => {
    expect(schemaFlags(untold)).toBeNull();
  });
});

describe.each([
  ["zod", ofZod as StandardSchemaV1],
  ["valibot", ofValibot as StandardSchemaV1],
  ["arktype", ofArktype as StandardSchemaV1],
])("flags that %s checks", (_, schema) => {
  test("have their fields' types", async () => {
    const found = await read(schema, "one", "--title", "7", "--pages", "2", "--draft", "--tag", "a", "--tag", "b").catch(
      (error: Error) => error,
    );
    expect(found).toMatchObject({ message: expect.stringMatching(/^Unexpected argument: "one"\. /) });
    expect(await read(schema, "--title", "7", "--pages", "2", "--draft", "--tag", "a", "--tag", "b")).toMatchObject({
      argument: { title: "7", pages: 2, draft: true, tag: ["a", "b"] },
    });
  });

  test("that it does not know are refused, with the one that is meant", async () => {
    await expect(read(schema, "--title", "x", "--pagez", "3")).rejects.toMatchObject({
      code: "USAGE",
      message: "Unknown flag: --pagez.",
      hint: "Write --pages.",
    });
    await expect(read(schema, "--title", "x", "--aws")).rejects.toMatchObject({
      code: "USAGE",
      message: "Unknown flag: --aws. The flags after the file are the entrypoint's.",
      hint: "Write Tenon's own flags before the file: tenon run --aws app.ts.",
    });
  });

  test("that it requires are missed before anything runs", async () => {
    await expect(read(schema, "--pages", "3")).rejects.toMatchObject({ code: "USAGE", message: "Missing flag: --title <string>." });
  });
});

describe("flags that a schema checks without telling its fields", () => {
  test("are refused when it never looks at them", async () => {
    expect(await read(untold, "--count", "3")).toEqual({ argument: { count: 3 } });
    await expect(read(untold, "--count", "3", "--pagez", "3")).rejects.toMatchObject({ message: "Unknown flag: --pagez." });
    await expect(read(untold, "--count", "3", "--aws")).rejects.toMatchObject({
      hint: "Write Tenon's own flags before the file: tenon run --aws app.ts.",
    });
  });

  test("are taken when it looks at everything", async () => {
    const all: StandardSchemaV1 = {
      "~standard": { version: 1, vendor: "nobody", validate: (value) => ({ value: { ...(value as object) } }) },
    };
    expect(await read(all, "--anything", "x")).toEqual({ argument: { anything: "x" } });
  });
});

test("positionals are a field of the schema", async () => {
  const schema = z.object({ loud: z.boolean().optional(), positionals: z.array(z.string()).min(1) });
  const entrypoint = { spec: { name: "main", positionals: ["paths"] }, schema: schema as StandardSchemaV1 };
  expect(await readEntrypoint(entrypoint, ["a", "--loud", "b"], {})).toEqual({ argument: { loud: true, positionals: ["a", "b"] } });
  expect(await readEntrypoint(entrypoint, ["--help"], {})).toEqual({ help: { loud: { type: "boolean" } } });
});

describe("tenon run with a schema of zod", () => {
  const file = "test/fixtures/cli/pages.ts";

  test("lists its flags", async () => {
    expect((await tenonBin(["run", file, "--help"])).stdout).toMatchInlineSnapshot(`
      "Usage: tenon run test/fixtures/cli/pages.ts [flags]

      Runs the entrypoint "main" of the App "pages" on this machine.

      Flags:
            --pages <number>   how many pages (default: 3)
            --title <string>   (required)
            --draft
            --tag <string>...  (may be repeated)
            --format <string>  of the result: one of html, pdf (default: "html")
        -h, --help             show this help
      "
    `);
  });

  test("gives the entrypoint what the schema makes of them", async () => {
    expect(await tenonBin(["run", file, "--title", "Moby", "--tag", "sea"])).toEqual({
      code: 0,
      stdout: '{"pages":3,"title":"Moby","tag":["sea"],"format":"html"}\n',
      stderr: "",
    });
  });

  test("refuses what it does not know before the App starts", async () => {
    expect(await tenonBin(["run", file, "--title", "Moby", "--pagez", "3"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "error: Unknown flag: --pagez.\nhint: Write --pages.\n",
    });
  });
});
