import { expect, test } from "vitest";
import { GAPS, gapOf, skipsOf } from "../helpers/gaps.ts";

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

test("a suite asks whether its account can show something", () => {
  expect(gapOf({ kind: "ministack" }, "scheduler-fires")).toBeUndefined();
  expect(gapOf({ kind: "aws" }, "dynamodb-ttl")).toBeUndefined();
  expect(gapOf({ kind: "aws" }, "lambda-caller-gone")).toMatch(/^lambda-caller-gone: .* \(aws: Lambda does not tell/);
  expect(gapOf({ kind: "localstack" }, "scheduler-fires")).toMatch(/^scheduler-fires: .* \(localstack: never/);
  expect(() => gapOf({ kind: "aws" }, "no-such-gap")).toThrow(/has no "no-such-gap"/);
});

test("a suite leaves out, by name, what its account cannot show", () => {
  const tests = { "scheduler-fires": ["fires at its time"], "iam-enforced": ["denies"] };
  expect(skipsOf({ kind: "ministack" }, tests)).toEqual([]);
  expect(skipsOf({ kind: "localstack" }, tests)).toEqual([
    { reason: gapOf({ kind: "localstack" }, "scheduler-fires"), tests: ["fires at its time"] },
    { reason: gapOf({ kind: "localstack" }, "iam-enforced"), tests: ["denies"] },
  ]);
});
