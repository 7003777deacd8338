import { readFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { importBundle } from "../../src/bundle/index.ts";
import { RemoteError } from "../../src/model/errors.ts";
import { decodeError, encodeError } from "../../src/wire/error-codec.ts";
import { registerErrorClass } from "../../src/wire/error-registry.ts";
import { inProcess, project, removeTemporary, runBundle } from "./project.ts";

afterAll(removeTemporary);

const registered = `[...globalThis[Symbol.for("tenon.errors.1")].keys()].sort()`;

function namesIn(files: Record<string, string>): Promise<string[]> {
  return project(files)
    .bundle()
    .then((bundle) => runBundle<string[]>(bundle, registered));
}

/** What `encodeError` and `decodeError` make of an error, here where the bundle is imported. */
function roundTrip(error: unknown): Error {
  return decodeError(JSON.parse(JSON.stringify(encodeError(error))) as ReturnType<typeof encodeError>);
}

/** A package in two files, of which the second extends what the first declares. */
const pay = (name: string): Record<string, string> => ({
  [`node_modules/${name}/package.json`]: JSON.stringify({
    name,
    version: "2.0.1",
    type: "module",
    main: "lib/index.js",
    sideEffects: false,
  }),
  [`node_modules/${name}/lib/index.js`]: `export { Declined } from "./errors.js";\n`,
  [`node_modules/${name}/lib/errors.js`]: `import { PayError } from "./base.js";\nexport class Declined extends PayError {}\nexport class UnusedError extends PayError {}\n`,
  [`node_modules/${name}/lib/base.js`]: `export class PayError extends Error {}\n`,
});

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
    const names = await inProcess(
      `void bundler.importBundle(data);\nawait new Promise((go) => setTimeout(go, 100));\nout(${registered});\nprocess.exit(0);`,
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

  test("leaves text, comments and nested classes alone", async () => {
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

  test("holds classes in every place where a module makes them once", async () => {
    const names = await namesIn({
      "app.ts": `
        import { Middle } from "./middle.ts";
        import * as common from "./common.cjs";
        export namespace Shop { export class Closed extends Middle {} }
        if (process.argv.length > 0) { class InBlock extends Error {} void InBlock; }
        export const table = { Missing: class extends Middle {}, list: [class Listed extends Middle {}] };
        export class Outer { static Inner = class Inner extends Middle {}; field = class PerInstance extends Error {}; }
        export const keep = <T,>(value: T): T => value;
        export const Given = keep(class Given extends Middle {} as typeof Middle);
        let late; late = class extends Middle { x = 1 }
        declare namespace Elsewhere { class Ambient extends Error {} }
        export const used = [common, late];
        export type { Elsewhere };
        new Outer();
      `,
      "middle.ts": `import { Lowest } from "./lowest.ts";\nexport abstract class Middle extends Lowest<"a"> {}\n`,
      "lowest.ts": `export class Lowest<T> extends (Error as ErrorConstructor) { declare type: T }\n`,
      "common.cjs": `if (!module) return;\nexports.Common = class Common extends Error {};\n`,
    });
    expect(names).toEqual(["Closed", "Common", "Given", "InBlock", "Inner", "Listed", "Lowest", "Middle", "Missing", "late"]);
  });

  test("takes a file of any depth and width", async () => {
    const numbers = Array.from({ length: 150_000 }, (_, i) => i);
    const names = await namesIn({
      "app.ts": `export class Deep extends Error {}\nexport const sum = ${numbers.slice(0, 5_000).join(" + ")};\nexport const all = [${numbers.join(",")}];\n`,
    });
    expect(names).toEqual(["Deep"]);
  });

  test("tells classes of one name apart by their files, an anonymous default included", async () => {
    const app = project({
      "app.ts": `
        import First from "./a/errors.ts";
        import Second from "./b/errors.ts";
        import { Same as A } from "./a/errors.ts";
        import { Same as B } from "./b/errors.ts";
        export const classes = [First, Second, A, B];
      `,
      "a/errors.ts": `export default class extends Error {}\nexport class Same extends Error {}\n`,
      "b/errors.ts": `export default class extends Error {}\nexport class Same extends Error {}\n`,
    });
    const { classes } = (await importBundle(await app.bundle())) as { classes: (new (message: string) => Error)[] };
    expect(classes.map((ctor) => roundTrip(new ctor("x")).constructor)).toEqual(classes);
    expect(classes.map((ctor) => encodeError(new ctor("x")).module)).toEqual(["a", "b", "a", "b"].map((name) => `${name}/errors.ts`));
  });

  test("holds those of bundled packages, by package and file", async () => {
    const app = project(
      {
        "app.ts": `export { Declined as Theirs } from "pay";\nexport class Declined extends Error {}\n`,
        ...pay("pay"),
      },
      { packages: false },
    );
    const bundle = await app.bundle();
    const { Theirs, Declined } = (await importBundle(bundle)) as Record<"Theirs" | "Declined", new (message: string) => Error>;
    expect(encodeError(new Theirs("x"))).toMatchObject({ className: "Declined", module: "npm:pay@2.0.1/lib/errors.js" });
    expect([roundTrip(new Theirs("x")).constructor, roundTrip(new Declined("x")).constructor]).toEqual([Theirs, Declined]);
    // One that nothing uses does not stay in the bundle for it.
    expect(readFileSync(bundle.appFile, "utf8")).not.toContain("UnusedError");
  });

  test("does not take another package's class, nor the user's, for a package's", async () => {
    const app = project({ "app.ts": `export class Declined extends Error {}\n` });
    const { Declined } = (await importBundle(await app.bundle())) as { Declined: new (message: string) => Error };
    const sent = { className: "Declined", message: "x" };
    expect(decodeError({ ...sent, module: "npm:pay@9.9.9/lib/errors.js" })).toMatchObject({
      constructor: RemoteError,
      remoteClass: "Declined",
    });
    class Theirs extends Error {}
    registerErrorClass("TheirsByHand", Theirs);
    expect(decodeError({ className: "TheirsByHand", message: "x", module: "npm:pay@2.0.1/lib/errors.js" }).constructor).toBe(Theirs);
    // A caller may have bundled the same file in another place.
    expect(decodeError({ ...sent, module: "elsewhere/errors.ts" }).constructor).toBe(Declined);
  });
});
