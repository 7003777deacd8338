import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { inProcess, project, removeTemporary, repo, runBundle } from "./project.ts";

afterAll(removeTemporary);

describe("a bundle", () => {
  test("holds the App in app.mjs, with its source map, its record and node_modules beside it", async () => {
    const app = project({
      "app.ts": `import { two } from "./lib/two.ts";\nexport const four: number = two + two;\n`,
      "lib/two.ts": `export const two = 2;\n`,
    });
    const bundle = await app.bundle();
    expect(bundle).toMatchObject({ cached: false, sourceRoot: app.dir, appFile: join(bundle.dir, "app.mjs") });
    expect(bundle.dir.startsWith(app.path(".tenon/bundles/app-"))).toBe(true);
    for (const name of ["app.mjs", "app.mjs.map", "bundle.json", "node_modules/tenon/package.json"])
      expect(existsSync(join(bundle.dir, name))).toBe(true);
    expect(await runBundle(bundle, "app.four")).toBe(4);
  });

  test("is the same, byte for byte, in two folders", async () => {
    const files = {
      "src/app.ts": `import { z } from "zod";\nimport { here } from "./here.js";\nexport class Bad extends Error {}\nexport const a = [here, z.string(), import.meta.url];\n`,
      "src/here.js": `export const here = import.meta.dirname;\n`,
      "data/a.txt": "a",
    };
    const params = { entry: "src/app.ts", files: ["./data/**"] };
    const [one, two] = [project(files), project(files)];
    const [first, second] = [await one.bundle(params), await two.bundle(params)];
    const code = readFileSync(first.appFile, "utf8");
    expect(code).toBe(readFileSync(second.appFile, "utf8"));
    expect(readFileSync(`${first.appFile}.map`, "utf8")).toBe(readFileSync(`${second.appFile}.map`, "utf8"));
    expect(first.version).toBe(second.version);
    // A comment may name a package's file relative to the sources.
    for (const place of [one.dir, repo]) expect(code.replaceAll(`..${place}`, "")).not.toContain(place);
  });

  test("imports the copy of Tenon that is running", async () => {
    const app = project({
      "app.ts": `export * as tenon from "tenon";\nexport * as testing from "tenon/testing";\n`,
      "old.cjs": `exports.tenon = require("tenon");`,
    });
    app.write("both.ts", `export { tenon } from "./app.ts";\nexport { default as old } from "./old.cjs";\n`);
    const entryPoint = (name: string) => JSON.stringify(pathToFileURL(join(repo, "dist", name)).href);
    const bundle = await app.bundle({ entry: "both.ts" });
    const same = `import(${entryPoint("index.js")}).then((real) => Object.keys(real).every((key) => real[key] === app.tenon[key] && real[key] === app.old.tenon[key]))`;
    expect(await runBundle(bundle, same)).toBe(true);
    const code = readFileSync(bundle.appFile, "utf8");
    expect(code).toMatch(/from "tenon"/);
    expect(code).not.toMatch(/__require\("tenon"\)/);
    const shim = join(bundle.dir, "node_modules/tenon");
    expect(readFileSync(join(shim, "index.js"), "utf8")).toContain(entryPoint("index.js"));
    expect(readFileSync(join(shim, "testing.js"), "utf8")).toContain(entryPoint("testing/index.js"));
  });

  test("awaits at top level", async () => {
    const app = project({
      "app.ts": `import { late } from "./late.ts";\nexport const value = late + (await Promise.resolve(1));\n`,
      "late.ts": `export const late = await new Promise<number>((go) => setTimeout(go, 5, 41));\n`,
    });
    expect(await runBundle(await app.bundle(), "app.value")).toBe(42);
  });

  test("with a timer at module scope is made and imported without waiting for it", async () => {
    const app = project({ "app.ts": `export const timer = setInterval(() => {}, 1_000);\nexport const ok = true;\n` });
    const { dir } = app;
    const ok = await inProcess(
      `const bundle = await bundler.bundleApp(data);\nconst app = await bundler.importBundle(bundle);\nout(app.ok);\nclearInterval(app.timer);`,
      { entryFile: join(dir, "app.ts"), stateDir: join(dir, ".tenon"), tenonDir: repo },
    );
    expect(ok).toBe(true);
  });

  test("keeps names and lowers standard decorators, with the user's own require untouched", async () => {
    const app = project({
      "app.ts": `
        import { createRequire } from "node:module";
        const require = createRequire(import.meta.url);
        const twice = (fn: (n: number) => number, _: unknown) => function (this: unknown, n: number) { return fn.call(this, n) * 2; };
        class Calc { @twice add(n: number) { return n + 1; } }
        export const six = new Calc().add(2);
        export const names = [Calc.name, require("node:os").EOL];
      `,
    });
    expect(await runBundle(await app.bundle(), "[app.six, app.names]")).toEqual([6, ["Calc", "\n"]]);
  });

  test("honours the paths of tsconfig.json", async () => {
    const app = project({
      "tsconfig.json": `{ "extends": "./base.json" }`,
      "base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"] } } }`,
      "app.ts": `export { x } from "@/x";\n`,
      "src/x.ts": `export const x = "aliased";\n`,
    });
    expect(await runBundle(await app.bundle(), "app.x")).toBe("aliased");
  });

  test("is made by many processes at once, and whole for each", async () => {
    const app = project({ "app.ts": `export const x = 1;\n` });
    const params = { entryFile: app.path("app.ts"), stateDir: app.path(".tenon"), tenonDir: repo };
    const runs = Array.from({ length: 6 }, () =>
      inProcess<[string, number]>(
        `const bundle = await bundler.bundleApp(data);\nout([bundle.version, (await bundler.importBundle(bundle)).x]);`,
        params,
      ),
    );
    const results = await Promise.all(runs);
    expect(new Set(results.map(String)).size).toBe(1);
    expect(results[0]?.[1]).toBe(1);
    writeFileSync(app.path("app.ts"), `export const x = 2;\n`);
    expect(await runBundle(await app.bundle(), "app.x")).toBe(2);
  });
});
