import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { linkChunks } from "../../scripts/lambda/link.js";

const folder = mkdtempSync(join(tmpdir(), "tenon-link-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SOURCES = {
  "error.js": "export class Failure extends Error {} export const known = [];",
  "text.js": 'export const shout = (text) => text.toUpperCase(); export const unused = "nobody wants this";',
  "main.js":
    'import { Failure, known } from "./error.js"; known.push("main"); export const isFailure = (error) => error instanceof Failure;',
  "dict.js":
    'import { Failure, known } from "./error.js"; import { shout } from "./text.js"; known.push("dict"); export const fail = () => { throw new Failure(shout("dict")); };',
  "queue.js":
    'import { known } from "./error.js"; import { shout } from "./text.js"; known.push("queue"); export const names = () => [...known, shout("queue")];',
  "later.js": "export const later = 1;",
  "noun-a.js": 'import { handle } from "./handle.js"; import { key } from "./key.js"; export const a = () => handle(key("a"));',
  "noun-a-aws.js": 'import { key } from "./key.js"; import { rows } from "./rows.js"; export const aRows = () => rows(key("a"));',
  "noun-b.js": 'import { handle } from "./handle.js"; export const b = () => handle("b");',
  "noun-b-aws.js": 'import { rows } from "./rows.js"; export const bRows = () => rows("b");',
  "key.js": "export const key = (text) => `the key ${text}`;",
  "handle.js": "export const handle = (text) => `the handle ${text}`;",
  "rows.js": "export const rows = (text) => `the rows ${text}`;",
};
beforeAll(() => {
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
});

const options = { absWorkingDir: folder, bundle: true, format: "esm", minify: true } as const;

/** The chunks that hold a word. */
function holders(chunks: Readonly<Record<string, string>>, word: string): string[] {
  return Object.entries(chunks)
    .filter(([, text]) => text.includes(word))
    .map(([name]) => name);
}

test("each piece lies in one chunk: the root holds what it reaches, the shared chunk what only others share", async () => {
  const entries = {
    "root.mjs": 'export * from "./main.js";',
    "rest.mjs": 'export * from "./later.js";',
    "dict.mjs": 'export * from "./dict.js";',
    "queue.mjs": 'export * from "./queue.js";',
  };
  const chunks = await linkChunks({ root: "root.mjs", shared: "rest.mjs", entries }, options);
  expect(Object.keys(chunks).toSorted()).toEqual(Object.keys(entries).toSorted());
  for (const [name, text] of Object.entries(chunks)) writeFileSync(join(folder, name), text);
  const load = (name: string) => import(pathToFileURL(join(folder, name)).href) as Promise<Record<string, (...args: unknown[]) => unknown>>;

  const [root, dict, queue] = [await load("root.mjs"), await load("dict.mjs"), await load("queue.mjs")];
  const failure = await Promise.resolve()
    .then(dict["fail"])
    .catch((error: unknown) => error);
  // One class and one list for all chunks.
  expect(root["isFailure"]?.(failure)).toBe(true);
  expect(failure).toMatchObject({ message: "DICT" });
  expect(queue["names"]?.()).toEqual(["main", "dict", "queue", "QUEUE"]);

  expect(holders(chunks, "extends Error")).toEqual(["root.mjs"]);
  expect(holders(chunks, "toUpperCase")).toEqual(["rest.mjs"]);
  expect(holders(chunks, "nobody wants this")).toEqual([]);
  expect(chunks["root.mjs"]).not.toContain("from");
});

test("what one group shares lies in its first chunk; what first chunks share is loaded with them, in the root", async () => {
  const groups = [
    ["a.mjs", "a-aws.mjs"],
    ["b.mjs", "b-aws.mjs"],
  ];
  const entries = {
    "root.mjs": 'export * from "./main.js";',
    "rest.mjs": 'export * from "./later.js";',
    "a.mjs": 'export * from "./noun-a.js";',
    "a-aws.mjs": 'export * from "./noun-a-aws.js";',
    "b.mjs": 'export * from "./noun-b.js";',
    "b-aws.mjs": 'export * from "./noun-b-aws.js";',
  };
  const chunks = await linkChunks({ root: "root.mjs", shared: "rest.mjs", groups, entries }, options);
  expect(holders(chunks, "the key")).toEqual(["a.mjs"]);
  expect(holders(chunks, "the handle")).toEqual(["root.mjs"]);
  expect(holders(chunks, "the rows")).toEqual(["rest.mjs"]);
  // Neither loads what only adapters share.
  expect(holders(chunks, './rest.mjs"')).toEqual(["a-aws.mjs", "b-aws.mjs"]);
});
