import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ConflictError } from "tenon";
import { runForTest } from "tenon/testing";
import { app, flaky, talk } from "../fixtures/faults-app.ts";

// Other tests make folders too, so these have a place of their own.
let place: string;
const outside = process.env["TMPDIR"];
beforeAll(() => {
  place = mkdtempSync(join(tmpdir(), "tenon-run-for-test-"));
  process.env["TMPDIR"] = place;
});
afterAll(() => {
  if (outside === undefined) delete process.env["TMPDIR"];
  else process.env["TMPDIR"] = outside;
  rmSync(place, { recursive: true, force: true });
});
const stateFolders = (): string[] => readdirSync(place).filter((name) => name.startsWith("tenon-test-"));

it("runs an App inside a Vitest test, its lines at hand, and leaves nothing behind", async () => {
  const run = await runForTest(app);
  expect(stateFolders()).toHaveLength(1);
  expect(await talk.remote(2)).toBe(2);
  expect(run.logs.map((line) => line.text)).toEqual(["line 0", "line 1", "to stderr", "without an end"]);
  await run.close();
  expect(stateFolders()).toEqual([]);
});

it("runs an App inside a node:test test", () => {
  const program = join(import.meta.dirname, "programs/words.node-test.js");
  const { VITEST: _1, NODE_OPTIONS: _2, ...env } = process.env;
  const { stdout, status } = spawnSync(process.execPath, ["--test", "--test-reporter=tap", program], { encoding: "utf8", env });
  expect(stdout).toMatch(/^# pass 1$/m);
  expect(status).toBe(0);
});

it("keeps durable calls of its own", async () => {
  await using _run = await runForTest(app);
  const call = await flaky.spawn();
  expect(await call.get()).toBe(3);
});

it("leaves no state behind for an App that runs already", async () => {
  await using _run = await runForTest(app);
  await expect(runForTest(app)).rejects.toThrow(ConflictError);
  expect(stateFolders()).toHaveLength(1);
});
