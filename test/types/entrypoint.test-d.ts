import { expectTypeOf } from "vitest";
import { App } from "tenon";
import type { StandardSchemaV1 } from "@standard-schema/spec";

const app = new App("types");

app.localEntrypoint({}, async (given) => expectTypeOf(given).toEqualTypeOf<{}>());
app.localEntrypoint(async (given) => expectTypeOf(given).toEqualTypeOf<{}>());
app.localEntrypoint(() => undefined);
app.localEntrypoint(undefined, () => undefined);
expectTypeOf(app.localEntrypoint(() => 1).handler).toEqualTypeOf<(argument: {}) => unknown>();

// @ts-expect-error an entrypoint without flags has no argument to demand
app.localEntrypoint((given: { file: string }) => given.file);

// @ts-expect-error the function is missing
app.localEntrypoint({});

app.localEntrypoint(
  {
    name: "flags",
    options: {
      file: { type: "string", default: "README.md", short: "f", description: "what to read" },
      out: { type: "string" },
      top: { type: "number", default: 10 },
      limit: { type: "number" },
      deep: { type: "boolean" },
      words: { type: "string", multiple: true, default: ["a"] },
      ids: { type: "number", multiple: true },
    },
  },
  async (given) => {
    expectTypeOf(given).toEqualTypeOf<{
      file: string;
      out: string | undefined;
      top: number;
      limit: number | undefined;
      deep: boolean | undefined;
      words: string[];
      ids: number[] | undefined;
    }>();
  },
);

app.localEntrypoint(
  { name: "positionals", options: { top: { type: "number", default: 1 } }, positionals: ["file"] },
  ({ top, positionals }) => {
    expectTypeOf(top).toEqualTypeOf<number>();
    expectTypeOf(positionals).toEqualTypeOf<string[]>();
  },
);

app.localEntrypoint({ name: "none" }, (given) => {
  // @ts-expect-error no positionals are taken
  void given.positionals;
});

declare const schema: StandardSchemaV1<{ n: string }, { n: number }>;
app.localEntrypoint({ name: "schema", options: schema }, ({ n }) => expectTypeOf(n).toEqualTypeOf<number>());

// @ts-expect-error there is no such type
app.localEntrypoint({ name: "wrong", options: { when: { type: "date" } } }, () => undefined);
