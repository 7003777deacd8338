import { mkdtempSync, mkdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { pickApp } from "../../src/cli/apps/apps.ts";
import { chooseRunnable } from "../../src/cli/arguments/choose.ts";
import { parseTarget } from "../../src/cli/kit/target.ts";

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
      `the App "shop" has 2 entrypoints: say which to run`,
      "Write one of shop.ts::main, shop.ts::report, shop.ts::charge.",
    ],
    [
      offer([], ["a", "b"]),
      undefined,
      `the App "shop" has 2 Functions and no entrypoint: say which to run`,
      "Write one of shop.ts::a, shop.ts::b.",
    ],
    [
      offer([], []),
      undefined,
      `the App "shop" declares nothing to run`,
      `Add app.localEntrypoint({}, async () => { … }) or app.function("name", async () => { … }) to the file.`,
    ],
    [offer(["main"], ["charge"]), "chrage", `the App "shop" has no entrypoint or Function "chrage"`, "Did you mean shop.ts::charge?"],
    [
      offer(["main"], ["charge"]),
      "zzz",
      `the App "shop" has no entrypoint or Function "zzz"`,
      "Write one of shop.ts::main, shop.ts::charge.",
    ],
  ])("otherwise the candidates are listed (%#)", (given, name, message, hint) => {
    expect(() => chooseRunnable(given, "shop.ts", name)).toThrow(expect.objectContaining({ code: "USAGE", message, hint }));
  });
});

describe("the App of a file", () => {
  const [shop, mail] = [{ name: "shop" }, { name: "mail" }];

  test("is the only one there is", () => {
    expect(pickApp([mail], "shop.ts", {})).toBe(mail);
  });

  test("is the one that the file exports, when it declares or imports several", () => {
    expect(pickApp([mail, shop], "shop.ts", { app: shop, default: shop, other: 1 })).toBe(shop);
  });

  test.each([[{}], [{ shop, mail }]])("several are refused by name when %j is exported", (exported) => {
    const apps = [shop, mail];
    const outside = Object.fromEntries(Object.keys(exported).map((name) => [name, apps.find((app) => app.name === name)]));
    expect(() => pickApp(apps, "shop.ts", outside)).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: `shop.ts declares 2 Apps: "shop", "mail"`,
        hint: "Export the one that is meant, and only that one; app.include(other) joins them.",
      }),
    );
  });

  test("none is refused with the line to add", () => {
    expect(() => pickApp([], "shop.ts", {})).toThrow(expect.objectContaining({ hint: `Add: export const app = new App("name")` }));
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
    ["nope.ts", /^no such file: /, /^It was looked for at /],
    ["app", /^no such file: /, /app\.ts\?$/],
    ["sub", /is a folder, not a file$/, /TypeScript/],
    ["notes.md", /is neither TypeScript nor JavaScript$/, /\.ts/],
    ["app.ts::", /^no name after "::"/, /leave "::" out/],
  ])("%s is refused in words", (name, message, hint) => {
    expect(() => parseTarget(join(folder, name))).toThrow(
      expect.objectContaining({
        code: "USAGE",
        message: expect.stringMatching(message) as string,
        hint: expect.stringMatching(hint) as string,
      }),
    );
  });
});
