import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { usedNouns } from "../../src/bundle/asset-nouns.ts";

const folder = mkdtempSync(join(tmpdir(), "tenon-nouns-"));
afterAll(() => rmSync(folder, { recursive: true }));

const NOUNS = {
  dict: { names: ["Dict"] },
  image: { names: ["Image", "Layer"] },
  queue: { names: ["Queue"] },
};

/** The nouns of an App of these files; the first is its entry. They are bundled as every App is, with `tenon` left outside. */
async function nounsOf(files: Readonly<Record<string, string>>): Promise<readonly string[]> {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const entryPoints = [join(folder, Object.keys(files)[0] ?? "")];
  const { metafile, outputFiles } = await build({
    entryPoints,
    outfile: join(folder, "out.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    external: ["tenon"],
    write: false,
    metafile: true,
  });
  return usedNouns(outputFiles[0]?.text ?? "", Object.values(metafile.outputs)[0]?.imports ?? [], NOUNS);
}

test("an App has the nouns whose names its modules import, under whatever name they use them", async () => {
  expect(await nounsOf({ "none.ts": 'import { App } from "tenon"; new App("a");' })).toEqual([]);
  expect(await nounsOf({ "one.ts": 'import { App, Dict as D } from "tenon"; new App(D.name);' })).toEqual(["dict"]);
  const helper = 'import { Layer } from "tenon"; export const layer = () => Layer;';
  const entry = 'import { App, Queue } from "tenon"; import { layer } from "./helper.js"; new App(Queue.name, layer());';
  expect(await nounsOf({ "two.ts": entry, "helper.js": helper })).toEqual(["image", "queue"]);
});

test("a name that is handed on counts, one of a type does not", async () => {
  expect(await nounsOf({ "on.ts": 'export { Dict } from "tenon";' })).toEqual(["dict"]);
  expect(await nounsOf({ "type.ts": 'import { type Dict, App } from "tenon"; export let d: Dict; new App("a");' })).toEqual([]);
});

test.each([
  ["all names at once", 'import * as tenon from "tenon"; console.log(tenon.App);'],
  ["all names, to hand them on", 'export * from "tenon";'],
  ["them later", 'export const load = () => import("tenon");'],
  ["them by require", 'const { App } = require("tenon"); new App("a");'],
])("an App that imports %s may use any noun", async (_, text) => {
  expect(await nounsOf({ "any.js": text })).toEqual(["dict", "image", "queue"]);
});

test("text that looks like an import adds a noun, and hides none", async () => {
  const text = 'import * as tenon from "tenon";\nconsole.log(tenon, `\nimport { Dict } from "tenon";\n`);';
  expect(await nounsOf({ "text.js": text })).toEqual(["dict", "image", "queue"]);
});
