import { readFileSync, readdirSync, realpathSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { pruneBundles } from "../../src/bundle/prune-bundles.ts";
import { inProcess, type Project, project, removeTemporary, repo, temporary } from "./project.ts";

afterAll(removeTemporary);

const files = {
  "app.ts": `import { n } from "./lib.ts";\nimport dep from "dep";\nexport const value: number = n + dep;\n`,
  "lib.ts": `export const n = 1;\n`,
  "data/a.txt": "a",
  "node_modules/dep/package.json": `{ "name": "dep", "version": "1.0.0", "main": "index.js" }`,
  "node_modules/dep/index.js": `module.exports = 1;\n`,
  "package-lock.json": "{}",
  "tsconfig.json": `{ "extends": "./base.json" }`,
  "base.json": `{\n  // Not there yet.\n  "extends": ["./strict"],\n}`,
};

function sample(): Project {
  return project(files, { packages: false });
}

/** Sets a file's time back, as if it had been written long ago. */
function age(file: string): void {
  utimesSync(file, new Date(1_700_000_000_000), new Date(1_700_000_000_000));
}

describe("a second bundle of the same App", () => {
  test("is the first one when nothing changed", async () => {
    const app = sample();
    const first = await app.bundle();
    const second = await app.bundle();
    expect(second).toMatchObject({ cached: true, version: first.version, dir: first.dir });
  });

  test("comes without loading esbuild, the glob library or the crypto module", async () => {
    const app = sample();
    for (const name of Object.keys(files)) age(app.path(name));
    age(app.path("package.json"));
    const params = { entryFile: app.path("app.ts"), stateDir: app.path(".tenon"), tenonDir: repo };
    const script = `
      const before = new Set(process.moduleLoadList);
      const bundle = await bundler.bundleApp(data);
      const loaded = process.moduleLoadList.filter((name) => !before.has(name));
      out([bundle.cached, loaded.filter((name) => /^NativeModule (crypto|child_process)$/.test(name)).sort()]);
    `;
    expect(await inProcess(script, params)).toEqual([false, ["NativeModule child_process", "NativeModule crypto"]]);
    expect(await inProcess(script, params)).toEqual([true, []]);
  });

  test("is the first one when files were touched but hold what they held", async () => {
    const app = sample();
    const first = await app.bundle();
    age(app.path("lib.ts"));
    expect(await app.bundle()).toMatchObject({ cached: true, version: first.version });
    const record = JSON.parse(readFileSync(join(dirname(first.dir), "latest.json"), "utf8")) as {
      inputs: { path: string; mtimeMs: number }[];
    };
    expect(record.inputs.find((input) => input.path === app.path("lib.ts"))?.mtimeMs).toBe(1_700_000_000_000);
  });

  test("returns to an earlier version when the change is taken back", async () => {
    const app = sample();
    const first = await app.bundle();
    app.write("lib.ts", `export const n = 2;\n`);
    await app.bundle();
    app.write("lib.ts", files["lib.ts"]);
    expect(await app.bundle()).toMatchObject({ cached: false, version: first.version, dir: first.dir });
  });

  // So new that a change right after it may carry the same time.
  const soon = new Date(Date.now() + 60_000);
  const changes: readonly (readonly [string, boolean, (app: Project) => void])[] = [
    ["a source file changes", true, (app) => app.write("lib.ts", `export const n = 2;\n`)],
    [
      "a new source file changes at once and keeps its size and time",
      true,
      (app) => {
        app.write("lib.ts", `export const n = 7;\n`);
        utimesSync(app.path("lib.ts"), soon, soon);
      },
    ],
    ["a blank line moves the lines", true, (app) => app.write("lib.ts", `\n${files["lib.ts"]}`)],
    ["a package's file changes", true, (app) => app.write("node_modules/dep/index.js", `module.exports = 20;\n`)],
    [
      "a package is installed anew",
      false,
      (app) => app.write("node_modules/dep/package.json", `{ "name": "dep", "version": "1.0.1", "main": "index.js" }`),
    ],
    ["package.json changes", false, (app) => app.write("package.json", `{ "name": "user-app", "type": "module", "private": true }`)],
    ["the lockfile changes", false, (app) => app.write("package-lock.json", `{ "packages": {} }`)],
    ["tsconfig.json changes", false, (app) => app.write("tsconfig.json", `{ "extends": "./base.json", "compilerOptions": {} }`)],
    ["a base of tsconfig.json changes", false, (app) => app.write("base.json", `{ "compilerOptions": {} }`)],
    ["a base of its base comes to exist", false, (app) => app.write("strict.json", "{}")],
    ["a file appears that may take another's place", false, (app) => app.write("lib.js", `export const n = 3;\n`)],
    [
      "the bundle is damaged",
      false,
      (app) => {
        const slot = join(app.path(".tenon/bundles"), readdirSync(app.path(".tenon/bundles"))[0] as string);
        for (const name of readdirSync(slot).filter((one) => !one.endsWith(".json"))) rmSync(join(slot, name, "app.mjs"));
      },
    ],
  ];
  test.each(changes)("is made anew when %s", async (_, isNewVersion, change) => {
    const app = sample();
    utimesSync(app.path("lib.ts"), soon, soon);
    const first = await app.bundle();
    change(app);
    const second = await app.bundle();
    expect(second.cached).toBe(false);
    expect(second.version !== first.version).toBe(isNewVersion);
    expect((await app.bundle()).cached).toBe(true);
  });

  test("is made anew for other options, and each set of options keeps its own", async () => {
    const app = sample();
    const plain = await app.bundle();
    const withFiles = await app.bundle({ files: ["data/**"] });
    const outside = await app.bundle({ external: ["dep"] });
    expect(new Set([plain.version, withFiles.version, outside.version]).size).toBe(3);
    for (const params of [{}, { files: ["data/**"] }, { external: ["dep"] }]) expect((await app.bundle(params)).cached).toBe(true);
  });

  test("is made anew for another copy or version of Tenon", async () => {
    const app = sample();
    const first = await app.bundle();
    const other = project(
      { "package.json": `{ "name": "tenon", "version": "9.9.9", "exports": { ".": "./dist/index.js" } }`, "dist/index.js": "" },
      { packages: false },
    );
    const second = await app.bundle({ tenonDir: other.dir });
    expect(second.cached).toBe(false);
    expect(second.version).not.toBe(first.version);
    other.write("package.json", `{ "name": "tenon", "version": "9.9.10", "exports": { ".": "./dist/index.js" } }`);
    expect((await app.bundle({ tenonDir: other.dir })).cached).toBe(false);
    age(other.path("dist/index.js"));
    expect((await app.bundle({ tenonDir: other.dir })).cached).toBe(false);
    expect((await app.bundle({ tenonDir: other.dir })).cached).toBe(true);
  });

  test("is made anew when the last record is of another format or broken", async () => {
    const app = sample();
    const first = await app.bundle();
    const latest = join(dirname(first.dir), "latest.json");
    for (const text of ['{ "format": 1 }', '{ "format": 2, "vers', "null"]) {
      writeFileSync(latest, text);
      expect(await app.bundle()).toMatchObject({ cached: false, version: first.version });
    }
  });

  test("is made anew after a file that failed is mended", async () => {
    const app = sample();
    app.write("lib.ts", `export const n = ;\n`);
    await expect(app.bundle()).rejects.toThrow("lib.ts:1:18");
    app.write("lib.ts", files["lib.ts"]);
    expect((await app.bundle()).cached).toBe(false);
  });
});

describe("old bundles", () => {
  test("are removed except the newest, the latest and those in use", async () => {
    const app = sample();
    const bundles = [];
    for (let n = 0; n < 5; n++) {
      app.write("lib.ts", `export const n = ${n};\n`);
      const bundle = await app.bundle();
      const time = new Date(1_700_000_000_000 + n * 1_000);
      utimesSync(bundle.dir, time, time);
      bundles.push(bundle);
    }
    const dirs = bundles.map((bundle) => bundle.dir);
    const removed = await pruneBundles({ stateDir: app.path(".tenon"), keep: 2, inUse: [dirs[0] as string] });
    expect(new Set(removed)).toEqual(new Set([dirs[1], dirs[2]]));
    expect(realpathSync(dirs[0] as string)).toBe(dirs[0]);
    expect((await app.bundle()).cached).toBe(true);
  });

  test("that are young stay, and a state folder without bundles is no error", async () => {
    const app = sample();
    await app.bundle();
    expect(await pruneBundles({ stateDir: app.path(".tenon"), keep: 0 })).toEqual([]);
    expect(await pruneBundles({ stateDir: temporary() })).toEqual([]);
  });
});
