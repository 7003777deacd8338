import fc from "fast-check";
import type { FunctionOptions } from "../../src/model/function-options.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import type { AppOnAwsOptions } from "../../src/synth/index.ts";
import { manifestOf } from "./template.ts";

/** An App as somebody might declare it, and how it is deployed. */
export interface GeneratedApp {
  readonly manifest: AppManifest;
  readonly options: AppOnAwsOptions;
}

const LONGEST = "n".repeat(64);
/** Names that are allowed, and that somebody is surprised by. */
const ODD_NAMES = ["_", "__", "a-", "a", "0", "_.-", "constructor", "toString", "Function", "Ref", "AWS", "aws", LONGEST, "A_b-C"];

const name = fc.oneof(fc.stringMatching(/^[a-zA-Z0-9_][a-zA-Z0-9_-]{0,63}$/), fc.constantFrom(...ODD_NAMES));
/** Function names hold no periods; those that begin with `gen` become generators. */
const functionName = fc.oneof(
  { weight: 3, arbitrary: name.map((each) => each.replaceAll(".", "-")) },
  { weight: 1, arbitrary: name.map((each) => `gen${each.replaceAll(".", "-")}`.slice(0, 64)) },
);
const appName = fc.oneof(name, fc.stringMatching(/^[a-z][a-z0-9._]{0,63}$/));
const objectName = fc.oneof(name, fc.stringMatching(/^[a-z][a-zA-Z0-9._-]{0,63}$/));
const objectPattern = fc.stringMatching(/^[a-z][a-z0-9_-]{0,20}\*$/);

const envKey = fc.oneof(
  fc.stringMatching(/^[A-Z][A-Z0-9_]{1,20}$/).filter((key) => !/^(AWS|TENON|LAMBDA)_/.test(key)),
  fc.constantFrom("aa", "A_", "Z9", "LONG_".repeat(10)),
);
const envValue = fc.oneof(
  fc.string({ maxLength: 60, unit: "grapheme" }),
  fc.constantFrom("", "${AWS::Region}", "$", "{{x}}", '{"Ref":"x"}'),
);
const env = fc.dictionary(
  envKey,
  envValue.filter((value) => !value.includes("\0") && value.isWellFormed()),
  { maxKeys: 6 },
);

const functionOptions: fc.Arbitrary<FunctionOptions> = fc.record(
  {
    timeoutMs: fc.integer({ min: 1_000, max: 870_000 }),
    startupTimeoutMs: fc.integer({ min: 1_000, max: 870_000 }),
    memoryMiB: fc.integer({ min: 128, max: 10_240 }),
    cpu: fc.double({ min: 0.01, max: 5.7, noNaN: true }),
    maxContainers: fc.oneof(fc.constantFrom(1, 2, 1_000, 4_000), fc.integer({ min: 1, max: 4_000 })),
    env,
  },
  { requiredKeys: [] },
);

const tags = fc.dictionary(fc.stringMatching(/^[a-z0-9._-]{1,63}$/), fc.stringMatching(/^[a-zA-Z0-9._-]{1,63}$/), { maxKeys: 46 });

/** Apps of so many Functions at most, with objects of odd names, in any environment. */
export const generatedApp = (mostFunctions: number): fc.Arbitrary<GeneratedApp> =>
  fc
    .record({
      name: appName.filter((each) => /[^.]/.test(each)),
      functions: fc.uniqueArray(fc.tuple(functionName, functionOptions), {
        selector: ([each]) => each,
        maxLength: mostFunctions,
        size: "max",
      }),
      objects: fc.array(fc.oneof(fc.record({ name: objectName }), fc.record({ pattern: objectPattern })), { maxLength: 60, size: "max" }),
      usesSome: fc.boolean(),
      tags,
      environment: fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/),
      architecture: fc.constantFrom("arm64" as const, "x86_64" as const),
    })
    .map(({ name: app, functions, objects, usesSome, tags: labels, environment, architecture }) => ({
      manifest: manifestOf(Object.fromEntries(functions), {
        name: app,
        tags: labels,
        ...(objects.length === 0 ? {} : { objects: { dict: objects } }),
        ...(usesSome && objects.length > 0 && functions.length > 0 ? { uses: { [functions[0]![0]]: { dict: [objects[0]!] } } } : {}),
      }),
      options: { environment, architecture },
    }));
