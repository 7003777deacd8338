import { describe, expect, test } from "vitest";
import { readSources } from "../architecture/source.ts";

/** The folders of the command line, lowest first: each may import those below it. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  kit: [],
  render: ["kit"],
  arguments: ["kit"],
  apps: ["kit", "render", "arguments"],
  commands: ["kit", "render", "arguments", "apps"],
  program: ["kit", "render", "commands"],
  "main.ts": ["kit", "apps", "commands", "program"],
};

const sources = readSources("src/cli");
const folderOf = (path: string): string => path.split("/")[2] ?? "";

describe("the command line", () => {
  test("imports in one direction only", () => {
    const wrong = sources.flatMap((file) =>
      file.imports
        .filter(({ target }) => target?.startsWith("src/cli/"))
        .filter(({ target = "" }) => ![folderOf(file.path), ...(FOLDERS[folderOf(file.path)] ?? [])].includes(folderOf(target)))
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
    expect([...new Set(sources.map(({ path }) => folderOf(path)))].toSorted()).toEqual(Object.keys(FOLDERS).toSorted());
  });

  test("knows the type of every flag", () => {
    expect(sources.filter(({ text }) => text.includes("Record<string, unknown>")).map(({ path }) => path)).toEqual([]);
  });

  test("loads the body of a command only when it runs", () => {
    const early = sources.flatMap((file) =>
      file.imports
        .filter(({ target, lazy, typeOnly }) => target?.endsWith("-body.ts") && !lazy && !typeOnly)
        .map(({ target }) => `${file.path} imports ${target}`),
    );
    expect(early).toEqual([]);
  });
});
