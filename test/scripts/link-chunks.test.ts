import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, expect, test } from "vitest";
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
};

test("each piece lies in one chunk: the root holds what it reaches, the shared chunk what only others share", async () => {
  for (const [name, text] of Object.entries(SOURCES)) writeFileSync(join(folder, name), text);
  const entries = {
    "root.mjs": 'export * from "./main.js";',
    "rest.mjs": 'export * from "./later.js";',
    "dict.mjs": 'export * from "./dict.js";',
    "queue.mjs": 'export * from "./queue.js";',
  };
  const chunks = await linkChunks(
    { root: "root.mjs", shared: "rest.mjs", entries },
    { absWorkingDir: folder, bundle: true, format: "esm", minify: true },
  );
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

  const holders = (word: string): string[] =>
    Object.entries(chunks)
      .filter(([, text]) => text.includes(word))
      .map(([name]) => name);
  expect(holders("extends Error")).toEqual(["root.mjs"]);
  expect(holders("toUpperCase")).toEqual(["rest.mjs"]);
  expect(holders("nobody wants this")).toEqual([]);
  expect(chunks["root.mjs"]).not.toContain("from");
});
