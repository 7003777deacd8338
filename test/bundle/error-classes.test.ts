import { afterAll, describe, expect, test } from "vitest";
import { project, removeTemporary, runBundle } from "./project.ts";

afterAll(removeTemporary);

const registered = `[...globalThis[Symbol.for("tenon.errors.1")].keys()].sort()`;

function namesIn(files: Record<string, string>): Promise<string[]> {
  return project(files)
    .bundle()
    .then((bundle) => runBundle<string[]>(bundle, registered));
}

describe("the registry of error classes", () => {
  test("holds the user's top-level classes whose chain ends in Error", async () => {
    const names = await namesIn({
      "app.ts": `
        import { Base } from "./base.ts";
        import Named from "./named.js";
        export class Direct extends Error { constructor(readonly code: number) { super("x"); } }
        class Imported extends Base<{ a: string }> implements Iterable<number> { *[Symbol.iterator]() {} }
        abstract class Abstract extends Direct {}
        export class Typed extends TypeError { static readonly kind = "typed"; }
        const Assigned = class extends Direct {};
        let Renamed = class Inner extends Direct {};
        declare class Ambient extends Error {}
        export class NotAnError extends Map<string, number> {}
        export class Alone {}
        export const all = [Imported, Abstract, Assigned, Renamed, Named];
      `,
      "base.ts": `export class Base<T> extends Error { value?: T }\n`,
      "named.js": `export default class Named extends Error {}\n`,
    });
    expect(names).toEqual(["Abstract", "Assigned", "Base", "Direct", "Imported", "Inner", "Named", "Typed"].sort());
  });

  test("knows each class by its constructor, name kept", async () => {
    const app = project({ "app.ts": `export class Oops extends Error {}\n` });
    expect(
      await runBundle(await app.bundle(), `[globalThis[Symbol.for("tenon.errors.1")].get("Oops") === app.Oops, app.Oops.name]`),
    ).toEqual([true, "Oops"]);
  });

  test("has a class at once, even when its module never ends", async () => {
    const app = project({
      "app.ts": `class Oops extends Error { detail = { a: "}" } }\nawait new Promise<never>(() => {});\nexport { Oops };\n`,
    });
    const bundle = await app.bundle();
    expect(await runBundle(bundle, registered).catch(() => "never imported")).toBe("never imported");
    const { inProcess } = await import("./project.ts");
    const names = await inProcess(
      `void room.importBundle(data);\nawait new Promise((go) => setTimeout(go, 100));\nout(${registered});\nprocess.exit(0);`,
      bundle,
    );
    expect(names).toEqual(["Oops"]);
  });

  test("takes what extends one of Tenon's errors as it takes others", async () => {
    const tenon = project(
      {
        "package.json": `{ "name": "tenon", "version": "1.0.0", "exports": { ".": "./index.js" } }`,
        "index.js": `export class InvalidError extends Error {}\n`,
      },
      { packages: false },
    );
    const app = project({ "app.ts": `// @ts-nocheck\nimport { InvalidError } from "tenon";\nexport class Mine extends InvalidError {}\n` });
    expect(await runBundle(await app.bundle({ tenonDir: tenon.dir }), registered)).toEqual(["Mine"]);
  });

  test("leaves text, comments, nested classes and packages alone", async () => {
    const app = project({
      "app.ts": [
        "// class Real extends Error {",
        "export const text = `\nclass Fake extends Error {\n}\nclass Real extends Error {`;",
        "/* class Real extends Error { */ export class Real extends /* { */ Error { }",
        "export const make = () => { class Nested extends Error {} return new Nested(); };",
        "export { ZodError } from 'zod';",
        "make();",
      ].join("\n"),
    });
    const bundle = await app.bundle();
    expect(await runBundle(bundle, registered)).toEqual(["Real"]);
    expect(await runBundle(bundle, "app.text")).toBe("\nclass Fake extends Error {\n}\nclass Real extends Error {");
  });

  test("works with mixins, decorators, constructor logic and CommonJS", async () => {
    const names = await namesIn({
      "app.ts": `
        import old from "./old.cjs";
        const mixin = <T extends new (...args: any[]) => Error>(base: T, options: { deep: boolean }) => class extends base { options = options; };
        const mark = <T>(value: T, _: unknown): T => value;
        export class Mixed extends mixin(Error, { deep: true }) {}
        export class Object_ extends { make: Error }.make {}
        @mark
        export class Marked extends Error {
          @mark method() {}
        }
        export const used = old;
      `,
      "old.cjs": `class Old extends Error {}\nmodule.exports = Old;\n`,
    });
    expect(names).toEqual(["Marked", "Mixed", "Object_", "Old"]);
  });
});
