import { expect, it } from "vitest";
import { MIN_ENVIRONMENT_VERSION } from "../../src/model/environment-version.ts";
import { oldEnvironmentLine } from "../../src/runtime/lambda/old-environment.ts";

const lineFor = (version: number): string | undefined =>
  oldEnvironmentLine({ TENON_ENVIRONMENT: "prod", TENON_ENVIRONMENT_VERSION: String(version) }, 7);

it("the dispatcher says nothing in an environment that is new enough", () => {
  expect(lineFor(MIN_ENVIRONMENT_VERSION)).toBeUndefined();
  expect(lineFor(MIN_ENVIRONMENT_VERSION + 8)).toBeUndefined();
});

it("the dispatcher says in its log that the environment is too old, and what to do", () => {
  expect(JSON.parse(lineFor(MIN_ENVIRONMENT_VERSION - 1)!)).toEqual({
    t: 7,
    stream: "system",
    text: `The environment "prod" was too old when this App was deployed. It has version ${MIN_ENVIRONMENT_VERSION - 1}, and this App needs version ${MIN_ENVIRONMENT_VERSION}. Run tenon env deploy -e prod, and deploy the App again.`,
  });
});
