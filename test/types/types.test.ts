import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

// The type tests are the `*.test-d.ts` files beside this one: a wrong call that compiles is an unused
// `@ts-expect-error`, which is an error like any other.
test("everything compiles with declarations, the type tests with exactly the errors they expect", () => {
  const tsc = spawnSync(process.execPath, [join(root, "node_modules/typescript/bin/tsc"), "--noEmit", "--listFiles"], {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  const lines = tsc.stdout.split("\n");
  expect(lines.filter((line) => / error TS\d+:|^error TS/.test(line))).toEqual([]);
  expect(tsc.status, tsc.stdout.slice(-2000) + tsc.stderr).toBe(0);
  for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith(".test-d.ts"))) {
    expect(
      lines.some((line) => line.endsWith(`/test/types/${file}`)),
      `${file} is part of the program`,
    ).toBe(true);
  }
});
