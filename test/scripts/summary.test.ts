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
  /** Why each skipped one is. */
  readonly note?: string;
}

function write(name: string, suites: readonly Suite[]): string {
  const file = join(folder, name);
  const testResults = suites.map(({ status = "passed", message = "", tests = [], note }, index) => ({
    name: join(process.cwd(), `test/${index}.test.ts`),
    status,
    message,
    assertionResults: tests.map((each) => ({ status: each, fullName: `is ${each}`, meta: each === "skipped" && note ? { note } : {} })),
  }));
  writeFileSync(file, JSON.stringify({ testResults }));
  return file;
}

function summarizeFiles(...files: readonly string[]): { status: number | null; lines: readonly string[] } {
  const child = spawnSync(process.execPath, [join(import.meta.dirname, "../../scripts/summary.js"), ...files], { encoding: "utf8" });
  return { status: child.status, lines: child.stdout.trimEnd().split("\n") };
}

const summarize = (suites: readonly Suite[]): ReturnType<typeof summarizeFiles> => summarizeFiles(write("report.json", suites));

test("passed tests are counted, and skipped ones are named", () => {
  expect(summarize([{ tests: ["passed", "passed"] }, { tests: ["skipped", "todo", "passed"] }])).toEqual({
    status: 0,
    lines: ["skipped: test/1.test.ts: is skipped", "skipped: test/1.test.ts: is todo", "3 passed, 0 failed, 2 skipped"],
  });
});

test("a skipped test says why", () => {
  expect(summarize([{ tests: ["skipped", "passed"], note: "reset: no way but a restart" }]).lines).toEqual([
    "skipped: test/0.test.ts: is skipped (reset: no way but a restart)",
    "1 passed, 0 failed, 1 skipped",
  ]);
});

test("several reports are counted together, each under its title", () => {
  const here = write("here.json", [{ tests: ["passed"] }]);
  const there = write("there.json", [{ status: "failed", tests: ["passed", "failed", "skipped"] }]);
  expect(summarizeFiles(here, `LocalStack=${there}`)).toEqual({
    status: 1,
    lines: [
      "failed: LocalStack: test/0.test.ts: is failed",
      "skipped: LocalStack: test/0.test.ts: is skipped",
      "2 passed, 1 failed, 1 skipped",
    ],
  });
});

test("a stage without a report fails, whatever the others say", () => {
  const here = write("here.json", [{ tests: ["passed"] }]);
  expect(summarizeFiles(here, `LocalStack=${join(folder, "nowhere.json")}`)).toEqual({
    status: 1,
    lines: [expect.stringMatching(/^LocalStack: no test ran: there is no report .*nowhere\.json$/), "1 passed, 0 failed, 0 skipped"],
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
  const { status, lines } = summarizeFiles(join(folder, "nowhere.json"));
  expect(lines.at(-1)).toBe("0 passed, 0 failed, 0 skipped");
  expect(status).toBe(1);
});
