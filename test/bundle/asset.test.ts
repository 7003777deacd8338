import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { bundleApp, makeAsset } from "../../src/bundle/index.ts";

/** What the loop and the codec of every Lambda function may weigh, minified. */
const RUNTIME_BUDGET_BYTES = 120_000;

const tenonDir = join(import.meta.dirname, "../..");
const entryFile = join(tenonDir, "test/fixtures/lambda-app.ts");
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newStateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "tenon-asset-"));
  folders.push(folder);
  return folder;
}

async function make(stateDir: string, files: readonly string[] = []) {
  return makeAsset(await bundleApp({ entryFile, files, stateDir, tenonDir }), { stateDir, tenonDir });
}

const contents = (dir: string) =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => [file.slice(dir.length), readFileSync(file, "hex")])
    .toSorted();

test("an asset holds the App, the runtime and the App's files, and no path of this machine", async () => {
  const { dir } = await make(newStateDir(), ["test/fixtures/lambda-app.ts"]);
  expect(contents(dir).map(([path]) => path)).toEqual([
    "/app.mjs",
    "/app.mjs.map",
    "/aws.mjs",
    "/dispatcher.mjs",
    "/node_modules/tenon/index.js",
    "/node_modules/tenon/package.json",
    "/runtime.mjs",
    "/test/fixtures/lambda-app.ts",
    "/watchdog.mjs",
  ]);
  for (const file of ["app.mjs", "app.mjs.map", "runtime.mjs", "aws.mjs", "watchdog.mjs", "node_modules/tenon/index.js"])
    expect(readFileSync(join(dir, file), "utf8"), file).not.toContain(tenonDir);
});

test("the same App makes the same bytes, wherever its state lies, and is made once", async () => {
  const [first, second] = [await make(newStateDir()), await make(newStateDir())];
  expect(second.version).toBe(first.version);
  expect(contents(second.dir)).toEqual(contents(first.dir));
  const again = await make(folders[0] as string);
  expect(again.dir).toBe(first.dir);
  expect(readdirSync(join(folders[0] as string, "assets"))).toEqual([first.version]);
});

test("the runtime stays small: what a container loads before its App", () => {
  const file = join(tenonDir, "dist/lambda/runtime.mjs");
  expect(existsSync(file)).toBe(true);
  expect(readFileSync(file).length).toBeLessThanOrEqual(RUNTIME_BUDGET_BYTES);
});
