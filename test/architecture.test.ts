import { describe, expect, test } from "vitest";
import * as circles from "./architecture/circles.ts";
import * as habits from "./architecture/habits.ts";
import * as imports from "./architecture/imports.ts";
import { ABSENT_ADAPTER_FILES, BARE_ERROR_FILES, LONG_FILES, LAYERS } from "./architecture/layers.ts";
import * as messages from "./architecture/messages.ts";
import * as shape from "./architecture/shape.ts";
import { isFixture, readFiles, readSources } from "./architecture/source.ts";

// The rules themselves are tested in architecture/rules.test.ts, each against a planted violation.
const src = readSources("src");
const tests = readSources("test");
const everything = readFiles("");

describe("layers", () => {
  test("every file of src is in a layer that the table names", () => {
    expect(src.length).toBeGreaterThan(15);
    expect(imports.unknownLayers(src)).toEqual([]);
  });

  test("layers import in one direction only", () => {
    expect(imports.wrongDirection(src)).toEqual([]);
  });

  test("layers are entered by their entry points", () => {
    expect(imports.pastTheEntryPoint(src)).toEqual([]);
  });

  test("folders inside a layer import down their ladder only", () => {
    expect(imports.upTheLadder(src)).toEqual([]);
  });

  test("a package is imported only where the table allows it", () => {
    expect(imports.wrongPackages(src)).toEqual([]);
  });

  test("layers of pure data reach neither disk nor network nor another process", () => {
    expect(imports.impureImports(src)).toEqual([]);
  });

  test("an entry point lists its names by hand", () => {
    expect(imports.exportStars(src)).toEqual([]);
  });

  test("every relative import names a file, its ending included", () => {
    expect(imports.danglingImports(src)).toEqual([]);
  });

  test("no file imports itself through others, types included", () => {
    expect(circles.importCircles(src)).toEqual([]);
    expect(circles.staleCircles(src)).toEqual([]);
  });

  test("the table forbids what it is for", () => {
    for (const layer of ["util", "model", "wire", "ports", "sdk"]) {
      for (const above of ["adapters", "runtime", "local", "testing", "synth", "cli"]) {
        expect(LAYERS[layer]?.imports, `${layer} → ${above}`).not.toContain(above);
      }
    }
  });
});

describe("backends", () => {
  test("every port has a contract suite that is published and applied", () => {
    expect(shape.portsWithoutContract(src, tests)).toEqual([]);
  });

  test("every port that is excused from one exists", () => {
    expect(shape.staleReasons(src)).toEqual([]);
  });

  test("every adapter folder holds the same files", () => {
    expect(shape.unevenAdapters(src)).toEqual([]);
    expect(Object.keys(ABSENT_ADAPTER_FILES).filter((path) => src.some((file) => file.path === path))).toEqual([]);
  });
});

describe("files", () => {
  test("a file has 300 lines at most, one of tests 400", () => {
    const code = everything.filter(
      ({ path }) => /^(?:src|test|scripts|bench|examples|cdk|localstack)\/.*\.(?:[jt]s|py)$/.test(path) && !isFixture(path),
    );
    expect(habits.longFiles(code)).toEqual([]);
    expect(Object.keys(LONG_FILES).filter((path) => !code.some((file) => file.path === path))).toEqual([]);
  });

  test("half of the files of src have 80 lines at most, and nine of ten have 200", () => {
    const sizes = src.map((file) => habits.lineCount(file.text)).toSorted((a, b) => a - b);
    const share = (part: number): number => sizes[Math.floor(sizes.length * part)] ?? 0;
    console.log(`src: ${sizes.length} files, lines: median ${share(0.5)}, 9 of 10 up to ${share(0.9)}, longest ${sizes.at(-1)}`);
    expect(share(0.5)).toBeLessThanOrEqual(80);
    expect(share(0.9)).toBeLessThanOrEqual(200);
  });

  test("a function fits a screen", () => {
    expect(src.flatMap(habits.longFunctions)).toEqual([]);
  });

  test("file names are kebab-case", () => {
    expect(habits.wrongFileNames([...src, ...tests])).toEqual([]);
  });

  test("no file names a machine, a registry or an issue", () => {
    expect(everything.filter((file) => !file.path.startsWith("test/architecture/")).flatMap(shape.strayNames)).toEqual([]);
  });

  test("pages name only files that are there", () => {
    const paths = new Set(everything.map((file) => file.path));
    expect(everything.filter((file) => file.path.endsWith(".md")).flatMap((page) => shape.deadReferences(page, paths))).toEqual([]);
  });

  test("no test is focused, and none is left out without a reason", () => {
    expect(tests.flatMap(shape.silencedTests)).toEqual([]);
  });
});

describe("habits", () => {
  test("every error has a class of its own", () => {
    expect(src.filter((file) => BARE_ERROR_FILES[file.path] === undefined).flatMap(habits.bareErrors)).toEqual([]);
  });

  test("only the command line prints", () => {
    expect(src.filter((file) => !file.path.startsWith("src/cli/")).flatMap(habits.consoleUses)).toEqual([]);
  });

  test("numbers are shown without the data of all locales", () => {
    expect(src.flatMap(habits.localeUses)).toEqual([]);
  });

  test("every exported name has a doc comment", () => {
    expect(src.flatMap(habits.undocumentedExports)).toEqual([]);
  });

  test("messages of errors are sentences, and their hints begin with a verb", () => {
    expect(src.flatMap((file) => [...messages.unevenMessages(file), ...messages.unevenHints(file)])).toEqual([]);
  });

  test("nothing is typed any", () => {
    expect(src.flatMap(habits.anyTypes)).toEqual([]);
  });

  test("no module awaits while it loads, so that CommonJS can require the package", () => {
    // Lambda's runtime client imports it, and nothing requires it.
    const required = src.filter(({ path }) => path !== "src/runtime/lambda/init.ts");
    expect(required).toHaveLength(src.length - 1);
    expect(required.flatMap(habits.topLevelAwaits)).toEqual([]);
  });
});
