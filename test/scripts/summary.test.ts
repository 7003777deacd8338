import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "tenon-summary-"));
afterAll(() => rmSync(folder, { recursive: true }));

interface Suite {
  readonly status?: "passed" | "failed";
  readonly message?: string;
  readonly tests?: readonly string[];
}

function summarize(suites: readonly Suite[] | undefined): { status: number | null; lines: readonly string[] } {
  const file = join(folder, "report.json");
  rmSync(file, { force: true });
  const testResults = suites?.map(({ status = "passed", message = "", tests = [] }, index) => ({
    name: join(process.cwd(), `test/${index}.test.ts`),
    status,
    message,
    assertionResults: tests.map((each) => ({ status: each, fullName: `is ${each}` })),
  }));
  if (testResults) writeFileSync(file, JSON.stringify({ testResults }));
  const child = spawnSync(process.execPath, [join(import.meta.dirname, "../../scripts/summary.js"), file], { encoding: "utf8" });
  return { status: child.status, lines: child.stdout.trimEnd().split("\n") };
}

test("passed tests are counted, and skipped ones are named", () => {
  expect(summarize([{ tests: ["passed", "passed"] }, { tests: ["skipped", "todo", "passed"] }])).toEqual({
    status: 0,
    lines: ["skipped: test/1.test.ts: is skipped", "skipped: test/1.test.ts: is todo", "3 passed, 0 failed, 2 skipped"],
  });
});

test("a failed test fails the run", () => {
  const { status, lines } = summarize([{ status: "failed", tests: ["passed", "failed"] }]);
  expect(lines.at(-1)).toBe("1 passed, 1 failed, 0 skipped");
  expect(status).toBe(1);
});

test("a file that could not be loaded counts as failed", () => {
  const { status, lines } = summarize([{ tests: ["passed"] }, { status: "failed", message: "SyntaxError: no\nat …" }]);
  expect(lines).toEqual(["failed: test/1.test.ts: SyntaxError: no", "1 passed, 1 failed, 0 skipped"]);
  expect(status).toBe(1);
});

test("a run without tests fails", () => {
  expect(summarize([])).toEqual({ status: 1, lines: ["no test ran", "0 passed, 0 failed, 0 skipped"] });
});

test("a run without a report fails", () => {
  const { status, lines } = summarize(undefined);
  expect(lines.at(-1)).toBe("0 passed, 0 failed, 0 skipped");
  expect(status).toBe(1);
});
