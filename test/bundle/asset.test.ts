import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { ASSET_CHUNKS, AWS_CHUNKS, ENVIRONMENT_CHUNKS, LEFT_OUT, RUNTIME_CHUNKS } from "../../src/bundle/asset-chunks.ts";
import { bundleApp, makeAsset } from "../../src/bundle/index.ts";

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
    "/aws-core.mjs",
    "/aws-dynamodb.mjs",
    "/aws-lambda.mjs",
    "/aws-s3.mjs",
    "/aws-sqs.mjs",
    "/aws-ssm.mjs",
    "/calls.mjs",
    "/dispatcher.mjs",
    "/init.mjs",
    "/map.mjs",
    "/node_modules/tenon/index.js",
    "/node_modules/tenon/package.json",
    "/runtime.mjs",
    "/test/fixtures/lambda-app.ts",
    "/watchdog.mjs",
  ]);
  for (const [file = ""] of contents(dir).filter(([path]) => path !== "/test/fixtures/lambda-app.ts"))
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

test("every user may read an asset and run its programs, also of a bundle that was made under umask 077", async () => {
  const stateDir = newStateDir();
  const umask = process.umask(0o077);
  onTestFinished(() => void process.umask(umask));
  const { dir } = await make(stateDir, ["test/fixtures/lambda-app.ts", "bin/tenon.js"]);
  const modes = readdirSync(dir, { recursive: true, encoding: "utf8" }).map((path) => [
    path,
    (statSync(join(dir, path)).mode & 0o777).toString(8),
  ]);
  const expected = modes.map(([path = ""]) => [path, statSync(join(dir, path)).isDirectory() || path === "bin/tenon.js" ? "755" : "644"]);
  expect(modes).toEqual(expected);
  expect(modes).toContainEqual(["app.mjs", "644"]);
});

describe("the chunks of an asset", () => {
  const built = join(tenonDir, "dist/lambda");
  const textOf = (name: string): string => readFileSync(join(built, name), "utf8");

  const all = { ...ASSET_CHUNKS, ...ENVIRONMENT_CHUNKS };

  test("are those of the table, and each keeps to its budget", () => {
    expect(
      readdirSync(built)
        .filter((name) => name !== "tenon.js")
        .toSorted(),
    ).toEqual(Object.keys(all).toSorted());
    const weights = Object.entries(all).map(([name, { budgetBytes }]) => ({
      name,
      budgetBytes,
      bytes: readFileSync(join(built, name)).length,
    }));
    console.log(weights.map(({ name, budgetBytes, bytes }) => `${name}: ${bytes} of ${budgetBytes} bytes`).join("\n"));
    expect(weights.filter(({ budgetBytes, bytes }) => bytes > budgetBytes)).toEqual([]);
  });

  test("import nothing but each other and modules of Node", () => {
    for (const name of Object.keys(all)) {
      const imports = [...textOf(name).matchAll(/\b(?:from|import|import\()"([^"]+)"/g)].map((match) => match[1] ?? "");
      // The AWS SDK loads the last one in browsers only.
      const isKnown = (each: string): boolean => isBuiltin(each) || ASSET_CHUNKS[each.slice(2)] !== undefined || each === "bowser";
      expect(
        imports.filter((each) => !isKnown(each)),
        name,
      ).toEqual([]);
    }
  });

  test("hold nothing twice: what is shared is in the one that is there already", () => {
    const holders = (word: string, names: readonly string[]): string[] => names.filter((name) => textOf(name).includes(word));
    expect(holders("nests deeper than", Object.keys(RUNTIME_CHUNKS.chunks))).toEqual(["runtime.mjs"]);
    expect(holders("socket usage at capacity", Object.keys(AWS_CHUNKS.chunks))).toEqual(["aws-core.mjs"]);
  });
});

describe("what is left out of the asset", () => {
  test.each(Object.entries(LEFT_OUT))("%s has a replacement that is checked against it", (original, replacement) => {
    const text = readFileSync(join(tenonDir, replacement), "utf8");
    const specifier = original.startsWith("@") ? original : relative(dirname(replacement), original);
    expect(text).toMatch(/satisfies|: Pick</);
    expect(text).toContain(`typeof import("${specifier}")`);
  });

  test("is not in it", () => {
    const runtime = readFileSync(join(tenonDir, "dist/lambda/runtime.mjs"), "utf8");
    const words = { entrypoints: "are both written --", runs: "is running already in this process", "the local backend": "local/index" };
    expect(Object.entries(words).filter(([, word]) => runtime.includes(word))).toEqual([]);
  });
});
