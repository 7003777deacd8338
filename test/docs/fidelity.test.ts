import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { GAPS } from "../helpers/gaps.ts";

interface KnownPromise {
  readonly promise: string;
  readonly local: readonly string[] | string;
  readonly aws: readonly string[] | string;
  readonly gap?: string;
}

const PROMISES: readonly KnownPromise[] = JSON.parse(readFileSync("docs/promises.json", "utf8"));

test("the page says what its data say", () => {
  const { status, stderr } = spawnSync(process.execPath, ["scripts/fidelity.js", "--check"], { encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
});

test("each promise names tests that there are, or the gap that stands in their way", () => {
  const known = GAPS.map(({ id }) => id);
  for (const { promise, local, aws, gap } of PROMISES) {
    const files = [local, aws].flatMap((named) => (typeof named === "string" ? [] : named));
    expect(
      files.filter((file) => !existsSync(file)),
      promise,
    ).toEqual([]);
    if (gap !== undefined) expect(known, promise).toContain(gap);
    if (files.length === 0) expect(gap, promise).toBeDefined();
  }
});

test("the page's own tables name files that there are", () => {
  const page = readFileSync("docs/fidelity.md", "utf8");
  const named = [...page.matchAll(/`(test\/[^`]+\.ts)`/g)].map((match) => match[1] ?? "");
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((file) => !existsSync(file))).toEqual([]);
});
