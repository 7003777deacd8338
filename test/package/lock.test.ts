import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

interface Locked {
  readonly version: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, "../../package-lock.json"), "utf8");
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };

// Otherwise `npm ci` refuses it; `node scripts/complete-lock.js` adds what npm left out.
test("the lock names the packages of every platform", () => {
  const named = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, "")));
  const missing = Object.values(packages).flatMap((each) =>
    Object.keys(each.optionalDependencies ?? {}).filter((name) => !named.has(name)),
  );
  expect(missing).toEqual([]);
});

test("the lock names no registry", () => {
  expect(Object.values(packages).filter((each) => each.resolved?.startsWith("http"))).toEqual([]);
});
