import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { tenon } from "../../src/vite.ts";

const fixture = join(import.meta.dirname, "fixture");
const errorsFixture = join(import.meta.dirname, "errors-fixture");
const decorated = readFileSync(join(fixture, "counter.check.ts"), "utf8");

/** Runs Vitest on the fixture in a process of its own, with the built plugin or without. */
function runVitest(config: string, ...flags: string[]): { status: number | null; output: string } {
  const vitest = join(import.meta.dirname, "../../node_modules/vitest/vitest.mjs");
  // Vitest marks its workers by these; a child that inherits them takes itself for one.
  const { VITEST: _1, VITEST_WORKER_ID: _2, VITEST_POOL_ID: _3, VITEST_MODE: _4, TEST: _5, NODE_ENV: _6, ...env } = process.env;
  const child = spawnSync(process.execPath, [vitest, "run", "--config", config, ...flags], {
    encoding: "utf8",
    env: { ...env, CI: "true", NO_COLOR: "1" },
  });
  return { status: child.status, output: child.stdout + child.stderr };
}

test("Vitest runs a file with standard decorators when the plugin is there", () => {
  const run = runVitest(join(fixture, "with-plugin.config.ts"));
  expect(run.output).toMatch(/Tests +3 passed \(3\)/);
  expect(run.status).toBe(0);
});

test("Vitest refuses the same file without the plugin", () => {
  const run = runVitest(join(fixture, "without-plugin.config.ts"));
  expect(run.output).toContain("SyntaxError");
  expect(run.status).toBe(1);
});

test.each(["forks", "threads", "vmThreads"])("remote errors are of their classes without the plugin (%s)", (pool) => {
  const run = runVitest(join(errorsFixture, "plain.config.ts"), "--pool", pool);
  expect(run.output).toMatch(/Tests +1 passed \(1\)/);
  expect(run.status).toBe(0);
});

test("a file with a decorator is lowered, its map names the source", async () => {
  const lowered = await tenon().transform(decorated, "/app/counter.ts");
  expect(lowered?.code).not.toMatch(/^\s*@doubled/m);
  expect(JSON.parse(lowered?.map ?? "{}")).toMatchObject({ version: 3, sources: ["/app/counter.ts"] });
});

test("only the decorators of a file are lowered", async () => {
  const lowered = await tenon().transform(
    "class A { @logged static accessor x = 1 }\nusing file = open(); await file?.read();",
    "/app/a.ts",
  );
  expect(lowered?.code).toContain("using file = open()");
  expect(lowered?.code).toContain("file?.read()");
});

test("JSX stays for Vite", async () => {
  const lowered = await tenon().transform("@tag class A { render() { return <p>hi</p>; } }", "/app/a.tsx");
  expect(lowered?.code).toContain("<p>hi</p>");
});

test.each([
  ["a class decorator", "@sealed class A {}"],
  ["a class decorator after export", "export default @sealed class A {}"],
  ["a field decorator", "class A { @parameter() name = 1 }"],
  ["a decorator that follows another", "class A { @a()@b() name = 1 }"],
  ["a decorator behind a doc comment", "class A {\n  /** The name. */\n  @parameter() name = 1;\n}"],
  ["a decorator between two globs", 'const a = "./**/*.ts";\nclass A { @parameter() name = 1 }\nconst b = "./**/*.js";'],
  ["a decorator made by an expression", "class A { @(make()) name = 1 }"],
])("%s is seen", async (_, code) => {
  expect(await tenon().transform(code, "/app/a.ts")).toBeDefined();
});

test.each([
  ["a doc tag", "/**\n * @param a - a number\n */\nexport function f(a: number) {}", "/app/a.ts"],
  ["a line comment", "  // @ts-expect-error wrong on purpose\nf(1);", "/app/a.ts"],
  ["a scoped package", 'import { S3 } from "@aws-sdk/client-s3";', "/app/a.ts"],
  ["an address", 'const to = "someone@example.com";', "/app/a.ts"],
  ["a style sheet", "@media print { p { color: red } }", "/app/a.css"],
  ["a file read as text", "@sealed class A {}", "/app/a.ts?raw"],
  ["a module that another plugin made up", "@sealed class A {}", "\0virtual.ts"],
])("%s is left alone", async (_, code, id) => {
  expect(await tenon().transform(code, id)).toBeUndefined();
});

test("top-level error classes register, no line moves, and the map says where the columns were", async () => {
  const source =
    'import { x } from "./x.ts";\nexport class Declined extends Error {\n  readonly cents = 1;\n}\nclass Odd extends Error {} throw new Odd(x);\n';
  const marked = await tenon().transform(source, "/app/errors.ts");
  const lines = marked?.code.split("\n") ?? [];
  expect(lines.slice(1, 4)).toEqual([
    "export class Declined extends Error {",
    "  readonly cents = 1;",
    ';static{__tenonError(this,"errors.ts")}}',
  ]);
  expect(lines).toHaveLength(source.split("\n").length);
  const thrown = new SourceMap(JSON.parse(marked?.map ?? "{}") as SourceMapPayload).findEntry(4, lines[4]?.indexOf("new Odd") ?? -1);
  expect(thrown).toMatchObject({
    originalSource: "/app/errors.ts",
    originalLine: 4,
    originalColumn: "class Odd extends Error {} throw ".length,
  });
});

test("a file of a package, and one without an error class, stay as they are", async () => {
  const source = "export class Declined extends Error {}\n";
  expect(await tenon().transform(source, "/app/node_modules/pay/errors.js")).toBeUndefined();
  expect(await tenon().transform("export const extendsNothing = 1;\n", "/app/a.ts")).toBeUndefined();
});
