import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, it } from "vitest";

const execute = promisify(execFile);
let stateDir: string;
beforeAll(() => {
  stateDir = mkdtempSync(join(tmpdir(), "tenon-examples-"));
});
afterAll(() => rmSync(stateDir, { recursive: true, force: true }));

async function run(file: string, ...args: string[]): Promise<readonly string[]> {
  const { stdout } = await execute(process.execPath, ["bin/tenon.js", "run", join("examples", file), ...args], {
    env: { ...process.env, TENON_STATE_DIR: stateDir, NO_COLOR: "1" },
  });
  return stdout.trimEnd().split("\n");
}

/** Each example by its file, and what its output must show. */
const shows: Readonly<Record<string, () => Promise<void>>> = {
  async "wordcount.ts"() {
    const lines = await run("wordcount.ts", "--folder", "node_modules/vitest", "--top", "3");
    expect(lines).toHaveLength(4);
    for (const line of lines.slice(0, 3)) expect(line).toMatch(/^ +\d+ {2}\S+$/);
    expect(lines[3]).toMatch(/^\d+ words in \d+ files, \d+ different: \d+ files and \d+ words a second$/);
  },
  async "generator.ts"() {
    expect(await run("generator.ts", "--below", "20")).toEqual(["2", "3", "5", "7", "11", "13", "17", "19"]);
  },
  async "retries.ts"() {
    expect(await run("retries.ts")).toEqual(["attempt 1", "attempt 2", "attempt 3", "succeeded at attempt 3"]);
  },
  async "errors.ts"() {
    expect(await run("errors.ts")).toEqual([
      "paid 9.99",
      "PaymentDeclined: the limit is 100.00, amount 25000, because of RangeError: over the limit",
      "paid 1.00",
      "declined: the limit is 100.00",
      "paid 3.00",
      "FUNCTION_TIMEOUT",
    ]);
  },
  async "dict.ts"() {
    const [first, ...lengths] = await run("dict.ts");
    expect(first).toBe("6 words, 4 of them different");
    expect(lengths.toSorted()).toEqual(["be has 2 letters", "not has 3 letters", "or has 2 letters", "to has 2 letters"]);
  },
  async "votes.ts"() {
    expect(await run("votes.ts", "--voter", "Ada", "--choice", "coffee")).toEqual(["Ada votes for coffee, and voted for nothing before"]);
    expect(await run("votes.ts", "--voter", "Ada", "--choice", "tea")).toEqual(["Ada votes for tea, and voted for coffee before"]);
  },
  async "results.ts"() {
    await run("votes.ts", "--voter", "Grace", "--choice", "cocoa");
    await run("votes.ts", "--voter", "Alan", "--choice", "cocoa");
    expect(await run("results.ts")).toContain("cocoa has 2 votes");
  },
  async "calling-from-a-test.test.ts"() {
    const { stdout } = await execute("npx", ["vitest", "run", "--root", "examples", "--config", "vitest.config.ts"], {
      env: { ...process.env, NO_COLOR: "1" },
    });
    expect(stdout).toMatch(/Tests\s+2 passed/);
  },
};

it("every example has its test", () => {
  expect(
    readdirSync("examples")
      .filter((name) => name.endsWith(".ts") && name !== "vitest.config.ts")
      .sort(),
  ).toEqual(Object.keys(shows).sort());
});

for (const [file, show] of Object.entries(shows)) it(`examples/${file} does what it says`, show, 120_000);
