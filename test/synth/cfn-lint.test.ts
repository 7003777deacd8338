import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { tenonBin } from "../cli/bin.ts";
import { canLint, lint } from "../helpers/cfn-lint.ts";
import { lintGenerated } from "./lint-generated.ts";
import { newFolder, removeFolders } from "./template.ts";

afterAll(removeFolders);

const ROOT = join(import.meta.dirname, "../..");
const possible = canLint();
if (!possible && process.env["CI"] === "true") throw new TypeError("cfn-lint needs a Python with pip");
if (!possible) console.warn("\n*** LEFT OUT: cfn-lint needs a Python with pip ***\n");

/** Examples that are no App of their own. */
const NO_APP = ["calling-from-a-test.test.ts", "vitest.config.ts"];

/** Findings that stand, by rule, each with the reason. */
const ACCEPTED: Readonly<Record<string, string>> = {};

// Skipped: without a Python that has pip; the lines above have said so.
it.skipIf(!possible)(
  "cfn-lint finds nothing in the stacks of the examples and of their environment, in any region",
  { timeout: 120_000 },
  async () => {
    const examples = readdirSync(join(ROOT, "examples"), { withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !NO_APP.includes(entry.name))
      .map(({ name }) => ["synth", `examples/${name}`]);
    const templates: string[] = [];
    for (const line of [
      ["env", "synth"],
      ...examples,
      ["synth", "test/fixtures/synth/nested.ts"],
      ["synth", "examples/testing/orders.ts"],
    ]) {
      const folder = newFolder();
      const { code, stderr } = await tenonBin([...line, "--output", folder]);
      expect({ line, code, stderr }).toMatchObject({ code: 0 });
      templates.push(
        ...readdirSync(folder)
          .filter((name) => name.endsWith(".template.json"))
          .map((name) => join(folder, name)),
      );
    }
    expect(templates.length).toBe(examples.length + 3);
    const found = lint(templates);
    expect(found.filter(({ rule }) => !(rule in ACCEPTED))).toEqual([]);
    expect(Object.keys(ACCEPTED).filter((rule) => !found.some((finding) => finding.rule === rule))).toEqual([]);
  },
);

/** Apps whose stacks are looked at; `npm run test:long` takes more, and other ones each time. */
const GENERATED = 5;
const MOST_FUNCTIONS = 8;
const SEED = 1;

// Skipped: as the one above.
it.skipIf(!possible)("cfn-lint finds nothing in the stacks of generated Apps, in any region", { timeout: 240_000 }, () => {
  expect(lintGenerated(GENERATED, SEED, MOST_FUNCTIONS)).toEqual([]);
});

// Skipped: as the one above.
it.skipIf(!possible)("cfn-lint is at work: it finds what is wrong, also in GovCloud alone", { timeout: 120_000 }, () => {
  const file = join(newFolder(), "wrong.template.json");
  const Tags = [{ Key: "team", Value: "search" }];
  const rule = { Type: "AWS::Events::Rule", Properties: { ScheduleExpression: "rate(1 day)", Tags } };
  writeFileSync(file, JSON.stringify({ Resources: { Wrong: { Type: "AWS::SQS::Queue", Properties: { QueueNam: "x" } }, Tagged: rule } }));
  expect(lint([file])).toMatchObject([
    { rule: "E3002", resource: "Wrong" },
    { rule: "E3002", resource: "Tagged" },
  ]);
});
