import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GAPS, gapOf } from "../helpers/gaps.ts";

test("each gap has a name of its own and an emulator that has it", () => {
  const ids = GAPS.map((gap) => gap.id);
  expect(ids).toEqual([...new Set(ids)].toSorted());
  for (const { id, what, emulators } of GAPS) {
    expect(id).toMatch(/^[a-z][a-z0-9-]*$/);
    expect(what).not.toBe("");
    expect(Object.keys(emulators).length).toBeGreaterThan(0);
    expect(["ministack", "localstack"]).toEqual(expect.arrayContaining(Object.keys(emulators)));
  }
});

test("the README shows each", () => {
  const readme = readFileSync("localstack/README.md", "utf8");
  const shown = [...readme.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map((match) => match[1]);
  expect(shown).toEqual(GAPS.map((gap) => gap.id));
  for (const { emulators } of GAPS) for (const instead of Object.values(emulators)) expect(readme).toContain(`| ${instead} |`);
});

test("a suite asks whether its account can show something", () => {
  expect(gapOf({ kind: "ministack" }, "scheduler-fires")).toBeUndefined();
  expect(gapOf({ kind: "aws" }, "dynamodb-ttl")).toBeUndefined();
  expect(gapOf({ kind: "localstack" }, "scheduler-fires")).toMatch(/^scheduler-fires: .* \(localstack: never/);
  expect(() => gapOf({ kind: "aws" }, "no-such-gap")).toThrow(/has no "no-such-gap"/);
});
