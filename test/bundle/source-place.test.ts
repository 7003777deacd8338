import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { sourcePrelude } from "../../src/bundle/source-prelude.ts";
import { inProcess, project, removeTemporary, runBundle, temporary } from "./project.ts";

afterAll(removeTemporary);

describe("the place of a source file", () => {
  test("is what import.meta says in TypeScript, in JavaScript and in a bundled package", async () => {
    const app = project(
      {
        "src/app.ts": `import { js } from "./deep/js.js";\nimport dep from "dep";\nconst { dirname, url } = import.meta;\nexport const all = [dirname, url, import.meta.filename, js, dep];\n`,
        "src/deep/js.js": `export const js = import.meta["filename"];\n`,
        "node_modules/dep/package.json": `{ "name": "dep", "type": "module", "exports": "./lib/index.js" }`,
        "node_modules/dep/lib/index.js": `export default new URL("./data.json", import.meta.url).pathname;\n`,
      },
      { packages: false },
    );
    expect(await runBundle(await app.bundle({ entry: "src/app.ts" }), "app.all")).toEqual([
      app.path("src"),
      pathToFileURL(app.path("src/app.ts")).href,
      app.path("src/app.ts"),
      app.path("src/deep/js.js"),
      app.path("node_modules/dep/lib/data.json"),
    ]);
  });

  test("is what __dirname and __filename say in CommonJS, behind a hashbang", async () => {
    const app = project({
      "app.ts": `import old from "./lib/old.cjs";\nexport { old };\n`,
      "lib/old.cjs": `#!/usr/bin/env node\n"use strict";\nmodule.exports = [__dirname, __filename];\n`,
    });
    expect(await runBundle(await app.bundle(), "app.old")).toEqual([app.path("lib"), app.path("lib/old.cjs")]);
  });

  test("lets a file read what lies beside it", async () => {
    const app = project({
      "src/app.ts": `import { readFileSync } from "node:fs";\nimport { join } from "node:path";\nexport const text = readFileSync(join(import.meta.dirname, "words.txt"), "utf8");\n`,
      "src/words.txt": "beside",
    });
    expect(await runBundle(await app.bundle({ entry: "src/app.ts" }), "app.text")).toBe("beside");
  });

  test("is found by a package hoisted above the package of the App", async () => {
    const root = project(
      {
        "node_modules/dep/package.json": `{ "name": "dep", "main": "index.js" }`,
        "node_modules/dep/index.js": `module.exports = __dirname;\n`,
        "packages/app/package.json": `{ "name": "app", "type": "module" }`,
        "packages/app/app.ts": `export { default as dep } from "dep";\n`,
      },
      { packages: false },
    );
    const bundle = await root.bundle({ entry: "packages/app/app.ts" });
    expect(bundle.sourceRoot).toBe(root.path("packages/app"));
    expect(await runBundle(bundle, "app.dep")).toBe(root.path("node_modules/dep"));
    // Without an announced root, files lie beside app.mjs, and nothing points outside its folder.
    const away = temporary();
    cpSync(bundle.appFile, join(away, "app.mjs"));
    expect(await inProcess(`out((await import(${JSON.stringify(pathToFileURL(join(away, "app.mjs")).href)})).dep);`)).toBe(
      join(away, "node_modules/dep"),
    );
  });

  test("is the folder of app.mjs where nobody announced another, as on AWS", async () => {
    const app = project({ "src/app.ts": `export const at = import.meta.dirname;\n` });
    const bundle = await app.bundle({ entry: "src/app.ts" });
    expect(await inProcess(`out((await import(data)).at);`, pathToFileURL(bundle.appFile).href)).toBe(join(bundle.dir, "src"));
  });

  test("serves import.meta.resolve", async () => {
    const app = project({ "app.ts": `export const found = ["./x.txt", "node:fs", "zod"].map((name) => import.meta.resolve(name));\n` });
    const [file, builtin, zod] = await runBundle<string[]>(await app.bundle(), "app.found");
    expect([file, builtin]).toEqual([pathToFileURL(app.path("x.txt")).href, "node:fs"]);
    expect(zod).toMatch(/^file:.*\/zod\//);
  });

  test("stays true after the bundle's folder is moved away", async () => {
    const app = project({ "app.ts": `export const at = import.meta.dirname;\n` });
    const bundle = await app.bundle();
    const dir = join(temporary(), "moved");
    cpSync(bundle.dir, dir, { recursive: true });
    rmSync(bundle.dir, { recursive: true });
    expect(await runBundle({ ...bundle, dir, appFile: join(dir, "app.mjs") }, "app.at")).toBe(app.dir);
  });

  test("costs nothing in files that do not ask for it", () => {
    const code = `"use strict";\nexport const important = meta.imports;\n`;
    expect(sourcePrelude(code, "a.js")).toEqual([]);
  });
});
