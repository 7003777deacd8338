import { describe, expect, it } from "vitest";
import { App } from "../../src/sdk/index.ts";
import type { StandardSchemaV1 } from "@standard-schema/spec";
import { InvalidError } from "../../src/model/errors.ts";
import { refusal } from "../model/refusal.ts";
import { errorOf } from "./backend.ts";

describe("a local entrypoint", () => {
  it("gets its flags with defaults filled in", async () => {
    const main = new App("flags").localEntrypoint(
      { options: { file: { type: "string", default: "README.md" }, top: { type: "number" }, word: { type: "string", multiple: true } } },
      (given) => given,
    );
    expect(await main.run({ top: 3 })).toEqual({ file: "README.md", top: 3, word: undefined });
    expect(main.spec).toMatchObject({ name: "main", positionals: null, options: { top: { type: "number" } } });
  });

  it("refuses a value of the wrong type and an unknown flag", async () => {
    const main = new App("types").localEntrypoint({ options: { top: { type: "number" } } }, () => undefined);
    expect((await errorOf(main.run({ top: "3" }))).message).toBe('Entrypoint "main": top is "3". It must be a number.');
    expect(await errorOf(main.run({ tpo: 3 }))).toBeInstanceOf(InvalidError);
  });

  it("gets positionals when it names some", async () => {
    const main = new App("words").localEntrypoint({ positionals: ["file"] }, ({ positionals }) => positionals);
    expect(await main.run({ positionals: ["a", "b"] })).toEqual(["a", "b"]);
    expect(await main.run()).toEqual([]);
  });

  it("gets what a schema makes of its flags", async () => {
    const schema: StandardSchemaV1<{ n: string }, { n: number }> = {
      "~standard": {
        version: 1,
        vendor: "test",
        validate: (value) => {
          const n = Number((value as { n: string }).n);
          return Number.isNaN(n) ? { issues: [{ message: "not a number", path: ["n"] }] } : { value: { n } };
        },
      },
    };
    const main = new App("schema").localEntrypoint({ options: schema }, ({ n }) => n + 1);
    expect(await main.run({ n: "41" })).toBe(42);
    expect((await errorOf(main.run({ n: "x" }))).message).toBe('Entrypoint "main": n: not a number.');
    expect(main.spec).toEqual({ name: "main", positionals: null });
  });

  it("needs nothing but its function", async () => {
    const main = new App("bare").localEntrypoint(() => "ran");
    expect([main.name, main.spec]).toEqual(["main", { name: "main", options: {}, positionals: null }]);
    expect(await main.run()).toBe("ran");
    expect(await errorOf(main.run({ top: 3 }))).toBeInstanceOf(InvalidError);
  });

  it("says what is wrong when the function is missing, or stands before the options", () => {
    const app = new App("wrong");
    expect(() => app.localEntrypoint(undefined as never)).toThrow('Entrypoint "main": the function is undefined');
    expect(() => app.localEntrypoint({} as never)).toThrow('Entrypoint "main": the function is undefined');
    const swapped = refusal(() => app.localEntrypoint((() => undefined) as never, {} as never));
    expect([swapped.message, swapped.hint]).toEqual([
      "localEntrypoint: the options are a function. They must be a plain object.",
      "Write the options before the function.",
    ]);
  });

  it("is declared once under a name", () => {
    const app = new App("once");
    app.localEntrypoint({}, () => undefined);
    expect(() => app.localEntrypoint({}, () => undefined)).toThrow('App "once" has a local entrypoint "main" already.');
    expect(() => app.localEntrypoint({ name: "other" }, undefined as never)).toThrow("It must be a function");
  });
});
