import { expect, test } from "vitest";
import { resolveAppOptions } from "../../src/model/app-options.ts";
import { MAX_ENV_BYTES, resolveFunctionEnv } from "../../src/model/function-env.ts";
import { LocalEntrypoint } from "../../src/sdk/entrypoint/local-entrypoint.ts";
import { FUNCTION_OPTION_NAMES } from "../../src/model/function-option-names.ts";
import * as app from "../../src/runtime/lambda/left-out/app-options.ts";
import * as env from "../../src/runtime/lambda/left-out/function-env.ts";
import * as entrypoints from "../../src/runtime/lambda/left-out/local-entrypoint.ts";
import * as names from "../../src/runtime/lambda/left-out/function-option-names.ts";

// The compiler compares the types of what stands in the place of left-out modules; here are the values.
const APPS = [{}, { tags: { team: "search" }, files: ["./models/**"] }, { external: ["sharp"], maxCallDepth: 3 }];

test.each(APPS)("an App's options on Lambda are those that were checked: %j", (options) => {
  expect(app.resolveAppOptions("shop", options)).toEqual(resolveAppOptions("shop", options));
});

test("a Function's variables on Lambda are those that were checked", () => {
  for (const given of [undefined, {}, { LOG_LEVEL: "debug" }])
    expect(env.resolveFunctionEnv("f", given)).toEqual(resolveFunctionEnv("f", given));
  expect(env.MAX_ENV_BYTES).toBe(MAX_ENV_BYTES);
});

test.each([undefined, {}, { name: "other", options: { text: { type: "string" } } }] as const)(
  "an entrypoint is declared on Lambda, and does not run there: %j",
  async (params) => {
    const declared = entrypoints.LocalEntrypoint.declare(params, () => "ran");
    expect(declared.name).toBe(LocalEntrypoint.declare(params, () => "ran").name);
    await expect(declared.run()).rejects.toThrow("can't run inside a container");
  },
);

test("a Function has the same options on Lambda", () => {
  expect(names.FUNCTION_OPTION_NAMES.known).toEqual(FUNCTION_OPTION_NAMES.known);
});
