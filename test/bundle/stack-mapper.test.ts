import { rmSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { createStackMapper } from "../../src/bundle/index.ts";
import { inProcess, project, removeTemporary } from "./project.ts";

afterAll(removeTemporary);

const files = {
  "src/app.ts": `import { fail } from "./lib/fail.ts";\nexport class Oops extends Error { constructor(readonly at: string) { super(at + import.meta.url.slice(0, 4)); } }\n\nexport interface Unused {\n  readonly a: string;\n}\n\nexport function outer(): void {\n  fail(() => new Oops("x"));\n}\n`,
  "src/lib/fail.ts": `type Make = () => Error;\n\n\nexport const fail = (make: Make): never => {\n  throw make();\n};\n`,
};

describe("a mapped stack", () => {
  test("names the user's TypeScript files and exact lines and columns", async () => {
    const app = project(files);
    const bundle = await app.bundle({ entry: "src/app.ts" });
    const frames = await inProcess<string[]>(
      `const app = await bundler.importBundle(data);
       const map = bundler.createStackMapper(data.appFile, data.appFile + ".map");
       try { app.outer(); } catch (error) { out(map(error.stack).split("\\n").slice(0, 4).map((line) => line.trim())); }`,
      bundle,
    );
    const place = (name: string, search: string, nth = 0) => {
      const lines = (files as Record<string, string>)[name]?.split("\n") ?? [];
      const found = lines.flatMap((line, i) => (line.includes(search) ? [`${app.path(name)}:${i + 1}:${line.indexOf(search) + 1}`] : []));
      return found[nth];
    };
    expect(frames).toEqual([
      "Error: xfile",
      `at ${place("src/app.ts", 'new Oops("x")')}`,
      `at fail (${place("src/lib/fail.ts", "make();")})`,
      `at Module.outer (${place("src/app.ts", "fail(() =>")})`,
    ]);
  });

  test("names the columns of what stands behind a class, or a place, on one line", async () => {
    const line = `const here = import.meta.dirname; class Odd extends Error {} export const make = () => new Odd(here);`;
    const app = project({ "app.ts": `${line}\n` });
    const frame = await inProcess<string>(
      `const app = await bundler.importBundle(data);
       const map = bundler.createStackMapper(data.appFile, data.appFile + ".map");
       out(map(app.make().stack).split("\\n")[1]);`,
      await app.bundle(),
    );
    expect(frame).toContain(`${app.path("app.ts")}:1:${line.indexOf("new Odd") + 1}`);
  });

  test("is the stack itself without frames of the bundle, and the map is not read for it", async () => {
    const bundle = await project(files).bundle({ entry: "src/app.ts" });
    const map = createStackMapper(bundle.appFile, "/no/such/map");
    const { stack = "" } = new Error("mine");
    expect(map(stack)).toBe(stack);
    expect(map("")).toBe("");
  });

  test("stays unmapped when the map is gone or broken", async () => {
    const bundle = await project(files).bundle({ entry: "src/app.ts" });
    const stack = `Error: x\n    at f (file://${bundle.appFile}:40:3)\n    at async ${bundle.appFile}:41:1`;
    rmSync(`${bundle.appFile}.map`);
    expect(createStackMapper(bundle.appFile, `${bundle.appFile}.map`)(stack)).toBe(stack);
    expect(createStackMapper(bundle.appFile, bundle.appFile)(stack)).toBe(stack);
  });
});
