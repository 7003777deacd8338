import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { chooseRunnable, pickApp } from "../../src/cli/arguments/choose.ts";
import { parseAppTarget, parseTarget } from "../../src/cli/arguments/target.ts";

const offer = (entrypoints: string[], functions: string[]): Parameters<typeof chooseRunnable>[0] => ({
  app: "shop",
  entrypoints,
  functions,
});

describe("what tenon run runs", () => {
  test("the only entrypoint, however many Functions there are", () => {
    expect(chooseRunnable(offer(["main"], ["a", "b"]), "shop.ts", undefined)).toEqual({ kind: "entrypoint", name: "main" });
  });

  test("the only Function, when there is no entrypoint", () => {
    expect(chooseRunnable(offer([], ["charge"]), "shop.ts", undefined)).toEqual({ kind: "function", name: "charge" });
  });

  test("a name means the entrypoint before the Function", () => {
    expect(chooseRunnable(offer(["charge"], ["charge"]), "shop.ts", "charge")).toEqual({ kind: "entrypoint", name: "charge" });
  });

  test.each([
    [
      offer(["main", "report"], ["charge"]),
      undefined,
      `App "shop" has 2 entrypoints. The command must name one.`,
      "Write one of shop.ts::main, shop.ts::report, shop.ts::charge.",
    ],
    [
      offer([], ["a", "b"]),
      undefined,
      `App "shop" has 2 Functions and no entrypoint. The command must name one.`,
      "Write one of shop.ts::a, shop.ts::b.",
    ],
    [
      offer([], []),
      undefined,
      `App "shop" declares nothing to run.`,
      `Add app.localEntrypoint(async () => { … }) or app.function("name", async () => { … }) to the file.`,
    ],
    [offer(["main"], ["charge"]), "chrage", `App "shop" has no entrypoint or Function of this name: "chrage".`, "Write shop.ts::charge."],
    [
      offer(["main"], ["charge"]),
      "zzz",
      `App "shop" has no entrypoint or Function of this name: "zzz".`,
      "Write one of shop.ts::main, shop.ts::charge.",
    ],
  ])("otherwise the candidates are listed (%#)", (given, name, message, hint) => {
    expect(() => chooseRunnable(given, "shop.ts", name)).toThrow(expect.objectContaining({ code: "USAGE", message, hint }));
  });
});

describe("the App of a file", () => {
  const [shop, mail] = [{ name: "shop" }, { name: "mail" }];

  test("is the only one there is", () => {
    expect(pickApp([mail], "shop.ts", [])).toBe(mail);
  });

  test("is the one that the file exports, when it declares or imports several", () => {
    expect(pickApp([mail, shop], "shop.ts", [shop, shop, 1])).toBe(shop);
  });

  test.each([[[]], [[shop, mail]]])("several are refused by name when %j is exported", (exported) => {
    expect(() => pickApp([shop, mail], "shop.ts", exported)).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: `Several Apps are declared in shop.ts: "shop", "mail". One must be exported.`,
        hint: "Export the one to use, and no other, or join them with app.include(other).",
      }),
    );
  });

  test("none is refused with the line to add", () => {
    expect(() => pickApp([], "shop.ts", [])).toThrow(expect.objectContaining({ hint: `Add export const app = new App("name").` }));
  });
});

describe("file.ts[::name]", () => {
  const folder = mkdtempSync(join(tmpdir(), "tenon-target-"));
  writeFileSync(join(folder, "app.ts"), "");
  writeFileSync(join(folder, "notes.md"), "");
  mkdirSync(join(folder, "sub"));

  test("is a file and perhaps a name", () => {
    const file = join(folder, "app.ts");
    expect(parseTarget(file)).toEqual({ file, typed: file });
    expect(parseTarget(`${file}::main`)).toEqual({ file, typed: file, name: "main" });
  });

  test.each([
    ["nope.ts", /^No such file: .*nope\.ts\.$/, /^Check the path: .*nope\.ts is not there\.$/],
    ["app", /^No such file: /, /^Write .*app\.ts\.$/],
    ["sub", /^Not a file but a folder: /, /^Write the name of the file/],
    ["notes.md", /^Neither TypeScript nor JavaScript: .*\.ts/, /^Write the name of the file/],
    ["app.ts::", /^No name after "::"/, /leave "::" out/],
  ])("%s is refused in words", (name, message, hint) => {
    expect(() => parseTarget(join(folder, name))).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      }),
    );
  });

  test("has no name where a whole App is taken", () => {
    const file = join(folder, "app.ts");
    expect(parseAppTarget(file, "deploy")).toEqual({ file, typed: file });
    expect(() => parseAppTarget(`${file}::main`, "deploy")).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: 'A name stands behind the file: "main". tenon deploy takes a whole App.',
        hint: `Write tenon deploy ${file}.`,
      }),
    );
  });
});
