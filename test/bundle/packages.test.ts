import { copyFileSync, existsSync, readFileSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { globSync } from "tinyglobby";
import { afterAll, describe, expect, test } from "vitest";
import { type AppBundle, readBundleRecord } from "../../src/bundle/index.ts";
import { isNativePackage } from "../../src/bundle/native-package.ts";
import { project, removeTemporary, repo, runBundle } from "./project.ts";

afterAll(removeTemporary);

function outside(bundle: AppBundle): readonly (readonly [string, string])[] {
  return (readBundleRecord(bundle.dir)?.packages ?? []).map((one) => [one.link, one.reason]);
}

const dep = (name: string, more: object = {}): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({ name, version: "1.2.3", main: "index.js", ...more }),
  [`node_modules/${name}/index.js`]: `module.exports = "${name}";\n`,
});

describe("a package", () => {
  test("in CommonJS, with its own dependencies and dynamic requires, is bundled", async () => {
    const app = project({
      "app.ts": `import picomatch from "picomatch";\nimport Table from "cli-table3";\nexport const ok = picomatch("*.ts")("a.ts");\nexport const table = new Table({ head: ["a"] }).toString().length > 0;\n`,
    });
    const bundle = await app.bundle();
    expect(await runBundle(bundle, "[app.ok, app.table]")).toEqual([true, true]);
    expect(outside(bundle)).toEqual([]);
  });

  test("with native parts stays outside by itself and works: lmdb", async () => {
    const app = project({
      "app.ts": `import { open } from "lmdb";\nexport function roundTrip(dir: string) {\n  const db = open({ path: dir + "/db" });\n  db.putSync("a", { b: 1 });\n  const value = db.get("a");\n  void db.close();\n  return value;\n}\n`,
    });
    const bundle = await app.bundle();
    expect(await runBundle(bundle, `app.roundTrip(${JSON.stringify(app.dir)})`)).toEqual({ b: 1 });
    expect(outside(bundle)).toEqual([["lmdb", "native"]]);
    expect(realpathSync(join(bundle.dir, "node_modules/lmdb"))).toBe(realpathSync(join(repo, "node_modules/lmdb")));
  });

  test("with native parts is known by its package.json", () => {
    const native = ["lmdb", "esbuild", "lightningcss", "rolldown", "oxc-parser"];
    const plain = ["zod", "picomatch", "yaml", "commander", "vitest"];
    expect(native.filter((name) => isNativePackage(join(repo, "node_modules", name)))).toEqual(native);
    expect(plain.filter((name) => isNativePackage(join(repo, "node_modules", name)))).toEqual([]);
  });

  test("that requires a .node file nothing announced stays outside too", async () => {
    const app = project(
      {
        "app.ts": `import sneaky from "@me/sneaky";\nexport const out = sneaky;\n`,
        ...dep("@me/sneaky"),
        "node_modules/@me/sneaky/index.js": `module.exports = () => require("./x.node");\n`,
        "node_modules/@me/sneaky/x.node": "",
      },
      { packages: false },
    );
    const bundle = await app.bundle();
    expect(outside(bundle)).toEqual([["@me/sneaky", "native"]]);
    expect(await runBundle(bundle, "typeof app.out")).toBe("function");
  });

  test("whose native part lies among the user's own files is loaded from there", async () => {
    const parts = globSync(`node_modules/@msgpackr-extract/*-${process.platform}-${process.arch}/*.node`, { cwd: repo });
    const found = parts.filter((path) => !/musl|abi/.test(path));
    const app = project({ "src/app.ts": `import native from "./native.node";\nexport const kind = typeof native;\n` });
    copyFileSync(join(repo, found[0] ?? ""), app.path("src/native.node"));
    expect(await runBundle(await app.bundle({ entry: "src/app.ts" }), "app.kind")).toBe("object");
  });

  test("that esbuild can't take but Node can stays outside: code for sloppy mode", async () => {
    const app = project(
      {
        "app.ts": `export { default as got } from "odd";\n`,
        ...dep("odd"),
        "node_modules/odd/index.js": `with ({ a: 1 }) module.exports = a;\n`,
      },
      { packages: false },
    );
    const bundle = await app.bundle();
    expect(outside(bundle)).toEqual([["odd", "unbundled"]]);
    expect(await runBundle(bundle, "app.got")).toBe(1);
  });

  test("that the App names in so many words stays outside before the App can be asked", async () => {
    const app = project(
      {
        "app.ts": `import dep from "dep";\nconst options = { external: ["dep", 'gone'] };\nexport const out = [dep, options.external.length];\n`,
        ...dep("dep"),
      },
      { packages: false },
    );
    const bundle = await app.bundle();
    expect(outside(bundle)).toEqual([["dep", "named"]]);
    expect(await runBundle(bundle, "app.out")).toEqual(["dep", 2]);
  });

  test("that the user names stays outside, subpaths and scopes included", async () => {
    const app = project(
      {
        "app.ts": `export { default as a } from "@me/dep";\nexport { default as b } from "@me/dep/sub.js";\n`,
        ...dep("@me/dep"),
        "node_modules/@me/dep/sub.js": `module.exports = 2;`,
      },
      { packages: false },
    );
    const bundle = await app.bundle({ external: ["@me/dep"] });
    expect(await runBundle(bundle, "[app.a, app.b]")).toEqual(["@me/dep", 2]);
    expect(readFileSync(bundle.appFile, "utf8")).toContain(`from "@me/dep/sub.js"`);
    expect(outside(bundle)).toEqual([["@me/dep", "named"]]);
  });

  test("that is named but never imported is linked, for imports by a computed name", async () => {
    const app = project({ "app.ts": `export const load = (name: string) => import(name);\n`, ...dep("plugin") }, { packages: false });
    expect(await runBundle(await app.bundle({ external: ["plugin"] }), `app.load("plugin").then((one) => one.default)`)).toBe("plugin");
  });

  test("in two copies keeps each for its own importer", async () => {
    const app = project(
      {
        "app.ts": `export { default as mine } from "twice";\nexport { default as theirs } from "host";\n`,
        ...dep("twice", { gypfile: true }),
        ...dep("host"),
        "node_modules/host/index.js": `module.exports = require("twice");\n`,
        "node_modules/host/node_modules/twice/package.json": `{ "name": "twice", "version": "2.0.0", "main": "index.js", "gypfile": true }`,
        "node_modules/host/node_modules/twice/index.js": `module.exports = "inner";\n`,
      },
      { packages: false },
    );
    const bundle = await app.bundle();
    expect(await runBundle(bundle, "[app.mine, app.theirs]")).toEqual(["twice", "inner"]);
    expect(outside(bundle).map(([link]) => link)).toEqual(["twice", "twice@2.0.0"]);
  });

  test("whose place is asked by require.resolve is there at run time", async () => {
    const app = project(
      {
        "app.ts": `export { default as at } from "./at.cjs";\n`,
        "at.cjs": `module.exports = require.resolve("dep/index.js");\n`,
        ...dep("dep"),
      },
      { packages: false },
    );
    expect(await runBundle(await app.bundle(), "app.at")).toBe(app.path("node_modules/dep/index.js"));
  });

  test("that is optional and missing is passed over where its require is guarded", async () => {
    const app = project({
      "app.ts": `export { default as got } from "./maybe.cjs";\n`,
      "maybe.cjs": `try { module.exports = require("not-there"); } catch { module.exports = "without"; }\n`,
    });
    expect(await runBundle(await app.bundle(), "app.got")).toBe("without");
  });

  test("that another package would only load in a branch that never runs need not be there", async () => {
    const files = {
      "app.ts": `export { default as got } from "host";\n`,
      ...dep("host"),
      "node_modules/host/index.js": `module.exports = "ok";\nif (globalThis.never) { require("not-there"); import("not-there/either"); }\n`,
    };
    expect(await runBundle(await project(files, { packages: false }).bundle(), "app.got")).toBe("ok");
    await expect(project({ "app.ts": `export const load = () => import("not-there");\n` }).bundle()).rejects.toThrow(
      'Could not resolve "not-there"',
    );
  });

  test("of the user's workspace is bundled as the user's own source", async () => {
    const app = project({ "app.ts": `export { Own, at } from "../shared/index.ts";\n` }, { dir: join(project({}).dir, "app") });
    app.write("../shared/package.json", `{ "name": "shared", "type": "module" }`);
    app.write("../shared/index.ts", `export class Own extends Error {}\nexport const at = import.meta.dirname;\n`);
    const bundle = await app.bundle();
    expect(await runBundle(bundle, `[app.at, globalThis[Symbol.for("tenon.errors.1")].get("Own") === app.Own]`)).toEqual([
      join(app.dir, "../shared"),
      true,
    ]);
    app.write("../shared/index.ts", `export class Own extends Error {}\nexport const at = 1;\n`);
    expect(await runBundle(await app.bundle(), "app.at")).toBe(1);
    expect(existsSync(join(bundle.dir, "node_modules/shared"))).toBe(false);
  });
});
