import { describe, expect, test } from "vitest";
import * as circles from "./circles.ts";
import * as habits from "./habits.ts";
import * as imports from "./imports.ts";
import { PORTS_WITHOUT_CONTRACT } from "./layers.ts";
import * as messages from "./messages.ts";
import * as shape from "./shape.ts";
import { type Finding, source } from "./source.ts";

const plant = (files: Readonly<Record<string, string>>) => Object.entries(files).map(([path, text]) => source(path, text));
const inFile = (rule: (file: ReturnType<typeof source>) => readonly Finding[], text: string) => rule(source("src/model/planted.ts", text));

describe("imports are read in every form", () => {
  test("static, re-exported, lazy, in a type, with an attribute; not in comments and strings", () => {
    const [file] = plant({
      "src/sdk/app.ts": `
        import { a } from "./a.ts";
        import type { b } from "../model/b.ts";
        import "./c.ts";
        export { d } from "../wire/d.ts";
        type E = import("../ports/e.ts").E;
        const f = () => import("../local/f.ts");
        import g from "./g.json" with { type: "json" };
        // import "../cli/comment.ts"
        const s = 'import "../cli/string.ts"';`,
    });
    expect(file?.imports.map(({ target, lazy, typeOnly }) => [target, lazy, typeOnly])).toEqual([
      ["src/sdk/a.ts", false, false],
      ["src/model/b.ts", false, true],
      ["src/sdk/c.ts", false, false],
      ["src/wire/d.ts", false, false],
      ["src/ports/e.ts", false, true],
      ["src/local/f.ts", true, false],
      ["src/sdk/g.json", false, false],
    ]);
  });
});

describe("a planted violation is found", () => {
  test("a layer that nobody knows", () => {
    expect(imports.unknownLayers(plant({ "src/helpers/misc.ts": "" }))).toEqual([
      "src/helpers/misc.ts is in a layer that the table does not name",
    ]);
  });

  test.each([
    ["src/model/a.ts", 'import "../wire/codec.ts"', "src/model/a.ts:1 model imports wire"],
    ["src/sdk/a.ts", 'import type { P } from "../local/pool.ts"', "src/sdk/a.ts:1 sdk imports local"],
    ["src/sdk/a.ts", 'const l = () => import("../adapters/calls/local.ts")', "src/sdk/a.ts:1 sdk imports adapters"],
    ["src/adapters/calls/local.ts", 'import "../../sdk/index.ts"', "src/adapters/calls/local.ts:1 adapters imports sdk"],
    ["src/runtime/loop.ts", '\nexport * from "../local/index.ts"', "src/runtime/loop.ts:2 runtime imports local"],
    ["src/bridge.ts", 'import "./local/index.ts"', "src/bridge.ts:1 bridge.ts imports local at once; it may do so by import() only"],
    [
      "src/synth/a.ts",
      'import "../adapters/calls/aws.ts"',
      "src/synth/a.ts:1 synth imports adapters, of which it may read \\/(?:iam|limits)\\.ts$",
    ],
    ["src/wire/a.ts", 'import "../../test/helper.ts"', "src/wire/a.ts:1 wire imports test/helper.ts"],
  ])("%s: %s", (path, text, finding) => {
    expect(imports.wrongDirection(plant({ [path]: text }))).toEqual([finding]);
  });

  test("what the table allows is no violation", () => {
    const files = plant({
      "src/bridge.ts": 'import "./context/registry.ts"; const local = () => import("./local/index.ts");',
      "src/synth/a.ts": 'import "../adapters/calls/iam.ts"; import "../model/manifest.ts";',
      "src/local/engine/pool.ts": 'import "../runtime/loop.ts"; import "./host.ts"; import "node:fs";',
    });
    expect(imports.wrongDirection(files)).toEqual([]);
  });

  test("an import past an entry point", () => {
    const files = plant({
      "src/cli/run.ts": 'import "../sdk/function-call.ts"; import "../sdk/app.ts"; import "../model/names.ts";',
      "src/index.ts": 'import "./sdk/function-call.ts";',
    });
    expect(imports.pastTheEntryPoint(files)).toEqual(["src/cli/run.ts:1 imports src/sdk/function-call.ts past app.ts"]);
  });

  test("an import past an index that no table names", () => {
    const files = plant({ "src/cli/run.ts": 'import "../synth/naming.ts";', "src/synth/index.ts": "" });
    expect(imports.pastTheEntryPoint(files)).toEqual([
      "src/cli/run.ts:1 imports src/synth/naming.ts past index.ts and app-plan.ts and cached-assembly.ts",
    ]);
  });

  test.each([
    ["src/local/engine/a.ts", 'import "../host/b.ts"', "src/local/engine/a.ts:1 engine imports host, which is not below it"],
    ["src/local/host/a.ts", 'const l = () => import("../run/b.ts")', "src/local/host/a.ts:1 host imports run, which is not below it"],
    [
      "src/local/engine/pool/a.ts",
      'import "../../deploy/b.ts"',
      "src/local/engine/pool/a.ts:1 engine imports deploy, which is not below it",
    ],
    ["src/local/state/a.ts", 'import "../index.ts"', "src/local/state/a.ts:1 state imports src/local/index.ts, which is not below it"],
    ["src/local/misc/a.ts", "", "src/local/misc/a.ts is in a folder that the ladder of local does not name"],
  ])("an import up a ladder: %s: %s", (path, text, finding) => {
    expect(imports.upTheLadder(plant({ [path]: text }))).toEqual([finding]);
  });

  test("an import down a ladder, or within a rung's own folder, is no violation", () => {
    const files = plant({
      "src/local/index.ts": 'import "./run/a.ts"; import "./state/b.ts";',
      "src/local/run/a.ts": 'import "./b.ts"; import "../host/b.ts"; import "../state/c.ts"; import "../../wire/codec.ts";',
      "src/local/engine/pool/a.ts": 'import "../job.ts"; import "../../workers/b.ts";',
      "src/sdk/calls/a.ts": 'import "../app.ts"',
    });
    expect(imports.upTheLadder(files)).toEqual([]);
  });

  test.each([
    ["src/sdk/a.ts", 'import "esbuild"', "src/sdk/a.ts:1 imports esbuild"],
    ["src/runtime/a.ts", 'const l = () => import("lmdb")', "src/runtime/a.ts:1 imports lmdb"],
    ["src/local/a.ts", 'import "@aws-sdk/client-lambda"', "src/local/a.ts:1 imports @aws-sdk/client-lambda"],
    ["src/cli/a.ts", 'import "aws-cdk-lib/aws-lambda"', "src/cli/a.ts:1 imports aws-cdk-lib"],
    ["src/util/a.ts", 'import "left-pad"', "src/util/a.ts:1 imports left-pad, a package that the table does not name"],
  ])("a heavy package: %s: %s", (path, text, finding) => {
    expect(imports.wrongPackages(plant({ [path]: text }))).toEqual([finding]);
  });

  test("packages where they belong are no violation", () => {
    const files = plant({
      "src/adapters/queue/aws.ts": 'import "@aws-sdk/client-sqs"',
      "src/bundle/run.ts": 'import "esbuild"; import "node:path";',
      "src/synth/app.ts": 'import "aws-cdk-lib/aws-lambda"',
    });
    expect(imports.wrongPackages(files)).toEqual([]);
  });

  test("a disk in the model", () => {
    expect(imports.impureImports(plant({ "src/model/a.ts": 'import "node:fs/promises"; import "node:crypto";' }))).toEqual([
      "src/model/a.ts:1 imports node:fs/promises",
    ]);
  });

  test("an export of everything", () => {
    expect(imports.exportStars(plant({ "src/sdk/index.ts": 'export * from "./app.ts";' }))).toEqual([
      "src/sdk/index.ts exports * from ./app.ts",
    ]);
  });

  test("an import without its ending", () => {
    expect(imports.danglingImports(plant({ "src/sdk/a.ts": 'import "./b"', "src/sdk/b.ts": "" }))).toEqual([
      "src/sdk/a.ts:1 imports ./b, which is no file of src",
    ]);
  });

  test("a circle of imports, by types and by lazy imports too", () => {
    const planted = {
      "src/sdk/a.ts": 'import type { B } from "./b.ts"; import "../model/d.ts";',
      "src/sdk/b.ts": 'const c = () => import("./c.ts");',
      "src/sdk/c.ts": 'export { a } from "./a.ts";',
      "src/model/d.ts": "",
    };
    expect(circles.importCircles(plant(planted))).toEqual(["src/sdk/a.ts → src/sdk/b.ts → src/sdk/c.ts → src/sdk/a.ts"]);
    expect(circles.importCircles(plant({ ...planted, "src/sdk/c.ts": "" }))).toEqual([]);
    expect(circles.importCircles(plant({ "src/sdk/a.ts": 'import type { A } from "./a.ts";' }))).toHaveLength(1);
  });

  test("an allowed circle that takes in another file, and one that is gone", () => {
    const allowed = {
      "src/wire/codec.ts": 'import "./error-codec.ts";',
      "src/wire/error-codec.ts": 'import "./codec.ts";',
    };
    expect(circles.importCircles(plant(allowed))).toEqual([]);
    expect(circles.staleCircles(plant(allowed))).toEqual([]);
    expect(
      circles.importCircles(plant({ ...allowed, "src/wire/codec.ts": 'import "./a.ts";', "src/wire/a.ts": 'import "./error-codec.ts";' })),
    ).toHaveLength(1);
    expect(circles.staleCircles([])).toEqual(["src/wire/codec.ts", "src/wire/error-codec.ts"]);
  });

  test("a bare error, made or thrown", () => {
    expect(inFile(habits.bareErrors, 'throw new Error("no");')).toHaveLength(1);
    expect(inFile(habits.bareErrors, 'const later = () => reject(Error("no"));')).toHaveLength(1);
    expect(inFile(habits.bareErrors, 'throw new TypeError("no");')).toHaveLength(1);
    expect(inFile(habits.bareErrors, '// throw new Error("no")\nconst text = "new Error()"; throw new InvalidError(text);')).toEqual([]);
  });

  test("a print", () => {
    expect(inFile(habits.consoleUses, 'console.log("hi");')).toHaveLength(1);
    expect(inFile(habits.consoleUses, 'globalThis.console.error("hi");')).toHaveLength(1);
    expect(inFile(habits.consoleUses, 'const text = "console.log"; // console.log("hi")')).toEqual([]);
  });

  test("a number in the words of a locale", () => {
    expect(inFile(habits.localeUses, "const text = (1_000).toLocaleString();")).toHaveLength(1);
    expect(inFile(habits.localeUses, 'const text = "toLocaleString";')).toEqual([]);
  });

  test("the type any", () => {
    expect(inFile(habits.anyTypes, "export function f(a: Record<string, any>): void {}")).toHaveLength(1);
    expect(inFile(habits.anyTypes, "/** At any time. */ export const any = (value as unknown);")).toEqual([]);
  });

  test("a message that is no sentence", () => {
    const of = (made: string) => inFile(messages.unevenMessages, `throw new ${made};`);
    expect(of('InvalidError("the name is empty.")')).toEqual(['src/model/planted.ts:1 begins without a capital: "the name is empty."']);
    expect(of('InvalidError("The name is empty")')).toEqual(['src/model/planted.ts:1 ends without a full stop: "The name is empty"']);
    expect(of("InvalidError(`The name is ${name}`)")).toHaveLength(1);
    expect(of('InvalidError(long ? "The name is long." : "the name is short.")')).toHaveLength(1);
    expect(of('InvalidError("The name " + name + " is taken")')).toHaveLength(1);
    expect(of('InvalidError("The name is empty.")')).toEqual([]);
    expect(of("InvalidError(`get: timeoutMs is ${ms}.`)")).toEqual([]);
    expect(of("InvalidError(`${name} is taken.`)")).toEqual([]);
    expect(of("BundleError(`installing failed: ${said}`)")).toHaveLength(1);
    expect(of("BundleError(`npm failed: ${said}`)")).toEqual([]);
    expect(of("InvalidError(text)")).toEqual([]);
    expect(of('TypeError("no")')).toEqual([]);
  });

  test("a hint that says nothing to do", () => {
    const of = (hint: string) => inFile(messages.unevenHints, `throw new InvalidError("No.", { hint: ${hint} });`);
    expect(of('"The name is free."')).toEqual(['src/model/planted.ts:1 begins without a verb: "The name is free."']);
    expect(of('"choose another name."')).toHaveLength(1);
    expect(of('"Choose another name"')).toHaveLength(1);
    expect(of("`npm i ${name}`")).toHaveLength(1);
    expect(of("`Run npm i ${name}.`")).toEqual([]);
    expect(of("near ? `Did you mean ${near}?` : undefined")).toEqual([]);
    expect(of("suggestion")).toEqual([]);
  });

  test("an await while the module loads", () => {
    expect(inFile(habits.topLevelAwaits, "await ready();")).toHaveLength(1);
    expect(inFile(habits.topLevelAwaits, "for await (const a of b) {}")).toHaveLength(1);
    expect(inFile(habits.topLevelAwaits, "await using run = open();")).toHaveLength(1);
    expect(
      inFile(habits.topLevelAwaits, "const f = async () => { await ready(); }; class A { async b() { for await (const c of d) {} } }"),
    ).toEqual([]);
  });

  test.each([
    ["function", "export function f() {}"],
    ["class", "export abstract class A {}"],
    ["type", "export type A = string;"],
    ["interface", "/* not a doc comment */\nexport interface A {}"],
    ["constant", "// not a doc comment\nexport const a = 1;"],
    ["name listed below its declaration", "const a = 1;\nexport { a };"],
    ["default", "export default function () {}"],
    ["name under somebody else's comment", "/** About b. */\nconst b = 1;\nexport const a = 1;"],
    ["name under an empty comment", "/** */\nexport const a = 1;"],
  ])("an exported %s without a doc comment", (_, text) => {
    expect(inFile(habits.undocumentedExports, text)).toHaveLength(1);
  });

  test("documented names, overloads and names from elsewhere are no violation", () => {
    const text = `
      /** One. */
      export const a = 1;
      /** Two. */
      export function f(): void;
      export function f(a?: string): void {}
      /** Three. */
      // oxlint-disable-next-line no-eval
      export class B {}
      /** Four. */
      const c = 1;
      export { c };
      export { d } from "./d.ts";`;
    expect(inFile(habits.undocumentedExports, text)).toEqual([]);
  });

  test("a long file", () => {
    expect(habits.longFiles([{ path: "src/a.ts", text: "a\n".repeat(301) }])).toEqual(["src/a.ts has 301 lines; 300 are allowed"]);
    expect(habits.longFiles([{ path: "src/a.ts", text: "a\n".repeat(300) }])).toEqual([]);
    expect(habits.longFiles([{ path: "test/a.test.ts", text: "a\n".repeat(400) }])).toEqual([]);
  });

  test("a long function, outside of tables", () => {
    const text = `const f = () => {\n${"  f();\n".repeat(79)}};\n`;
    const [long, table, fine] = plant({
      "src/a.ts": text,
      "src/testing/dict-contract.ts": text,
      "src/b.ts": text.replace("  f();\n", ""),
    });
    expect([long!, table!, fine!].flatMap(habits.longFunctions)).toEqual(["src/a.ts:1 is a function of 81 lines; 80 are allowed"]);
  });

  test("a file name that is not kebab-case", () => {
    const files = plant({
      "src/sdk/FunctionCall.ts": "",
      "src/sdk/function_call.ts": "",
      "src/sdk/function-call.ts": "",
      "test/types/map.test-d.ts": "",
    });
    expect(habits.wrongFileNames(files)).toHaveLength(2);
  });

  test("a port without a contract suite, with one that is hidden, with one that nobody applies", () => {
    const port = { "src/ports/dict.ts": "" };
    const suite = { ...port, "src/testing/dict-contract.ts": "export function testDict() {}", "src/testing/index.ts": "" };
    const published = { ...suite, "src/testing/index.ts": 'export { testDict } from "./dict-contract.ts";' };
    expect(shape.portsWithoutContract(plant(port), [])).toEqual(["the port dict has no src/testing/dict-contract.ts"]);
    expect(shape.portsWithoutContract(plant(suite), [])).toEqual(["src/testing/dict-contract.ts is not published by src/testing/index.ts"]);
    expect(shape.portsWithoutContract(plant(published), [])).toEqual(["no test applies testDict of src/testing/dict-contract.ts"]);
    expect(shape.portsWithoutContract(plant(published), plant({ "test/contract/dict.test.ts": "testDict(local);" }))).toEqual([]);
  });

  test("a reason for a port that is gone", () => {
    expect(shape.staleReasons([])).toHaveLength(Object.keys(PORTS_WITHOUT_CONTRACT).length);
  });

  test("an adapter that lacks a file of its neighbour, and one with a file of its own", () => {
    const localOnly = (folder: string) => ({
      [`src/adapters/${folder}/local.ts`]: "",
      [`src/adapters/${folder}/limits.ts`]: "",
      [`src/adapters/${folder}/errors.ts`]: "",
    });
    expect(shape.unevenAdapters(plant({ ...localOnly("calls"), ...localOnly("functions"), "src/adapters/aws/lambda.ts": "" }))).toEqual([]);
    expect(shape.unevenAdapters(plant({ ...localOnly("calls"), ...localOnly("functions"), "src/adapters/calls/iam.ts": "" }))).toEqual([
      "src/adapters/functions has no iam.ts",
    ]);
    expect(
      shape.unevenAdapters(plant({ ...localOnly("calls"), ...localOnly("functions"), "src/adapters/calls/local-driver.ts": "" })),
    ).toEqual([]);
    expect(shape.unevenAdapters(plant({ ...localOnly("calls"), "src/adapters/calls/index.ts": "" }))).toEqual([
      "src/adapters/calls/index.ts is no file of an adapter",
    ]);
  });

  test("a focused test, and one left out without a reason", () => {
    expect(inFile(shape.silencedTests, 'test.only("a", f);')).toHaveLength(1);
    expect(inFile(shape.silencedTests, 'describe.skip("a", f);')).toHaveLength(1);
    expect(inFile(shape.silencedTests, 'it.skipIf(windows)("a", f);')).toHaveLength(1);
    expect(inFile(shape.silencedTests, 'test.concurrent.only("a", f);')).toHaveLength(1);
    expect(inFile(shape.silencedTests, '// Skipped: needs an account.\ntest.skip("a", f);')).toEqual([]);
    expect(inFile(shape.silencedTests, "list.skip(1); queue.only(2);")).toEqual([]);
  });

  test("a page that names a file that is gone", () => {
    const page = { path: "docs/a.md", text: "See `src/a.ts`, `src/b.ts`, `src/model` and `npm test`." };
    expect(shape.deadReferences(page, new Set(["src/a.ts"]))).toEqual(["docs/a.md names src/b.ts, which is not there"]);
  });

  test("the name of a machine, a registry, an issue", () => {
    const of = (text: string) => shape.strayNames({ path: "docs/a.md", text });
    expect(of(`see ${["", "home", "ada", "tenon"].join("/")}`)).toHaveLength(1);
    expect(of(`see ${["", "Users", "ada"].join("/")}`)).toHaveLength(1);
    expect(of(`https://${"registry"}.example.org/tenon`)).toHaveLength(1);
    expect(of(`registry${"="}http://localhost`)).toHaveLength(1);
    expect(of(`for ${"issue"} 12`)).toHaveLength(1);
    expect(of("a path in /tmp, ./home/a, example.com/home/a, #fff")).toEqual([]);
  });
});
