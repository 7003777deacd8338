import { afterAll, describe, expect, test } from "vitest";
import { BundleError, InvalidError, NotFoundError } from "../../src/model/errors.ts";
import { project, removeTemporary } from "./project.ts";

afterAll(removeTemporary);

/** What `bundle` throws for an App of these files. */
async function failureOf(
  files: Record<string, string>,
  params: Parameters<ReturnType<typeof project>["bundle"]>[0] = {},
): Promise<Error & { hint?: string }> {
  const app = project(files);
  return app.bundle(params).then(
    () => expect.fail("it was bundled"),
    (error: Error) => error,
  );
}

describe("what can't be bundled is refused in words", () => {
  test("a missing package, with the chain of imports and what to install", async () => {
    const error = await failureOf({
      "app.ts": `import "./lib/a.ts";\n`,
      "lib/a.ts": `export * from "./b.ts";\n`,
      "lib/b.ts": `\nimport x from "@no/such-package/sub";\nexport const y = x;\n`,
    });
    expect(error).toBeInstanceOf(BundleError);
    expect(error.message).toBe(
      'Could not bundle app.ts: lib/b.ts:2:15: Could not resolve "@no/such-package/sub" (app.ts → lib/a.ts → lib/b.ts → @no/such-package/sub)',
    );
    expect(error.hint).toBe("Run npm install @no/such-package.");
  });

  test("a missing file", async () => {
    const error = await failureOf({ "app.ts": `import "./gone.ts";\n` });
    expect(error.message).toContain('app.ts:1:8: Could not resolve "./gone.ts"');
    expect(error.hint).toContain("path");
  });

  test("a mistake of syntax", async () => {
    const error = await failureOf({ "app.ts": `export const a = 1;\nexport const b = ;\n` });
    expect(error.message).toBe('Could not bundle app.ts: app.ts:2:18: Unexpected ";"');
    expect(error.hint).toBe("Correct app.ts at the line shown.");
  });

  test("several mistakes, summarised", async () => {
    const error = await failureOf({ "app.ts": Array.from({ length: 8 }, (_, i) => `import "./gone-${i}.ts";`).join("\n") });
    expect(error.message).toContain("8 errors:\n  app.ts:1:8:");
    expect(error.message).toContain("\n  and 3 more");
  });

  test("a package named external that is not installed", async () => {
    const error = await failureOf({ "app.ts": "" }, { external: ["not-there"] });
    expect(error).toBeInstanceOf(BundleError);
    expect(error.message).toContain('external: "not-there" is not installed');
    expect(error.hint).toBe("Run npm install not-there.");
  });

  test("an external that is no package name", async () => {
    expect(await failureOf({ "app.ts": "" }, { external: ["./lib"] })).toBeInstanceOf(InvalidError);
  });

  test("an entry file that is missing, a folder, CommonJS or no code", async () => {
    expect(await failureOf({}, { entry: "nope.ts" })).toBeInstanceOf(NotFoundError);
    expect((await failureOf({ "dir/a.ts": "" }, { entry: "dir" })).message).toContain("is a folder");
    expect(await failureOf({ "old.cts": "" }, { entry: "old.cts" })).toMatchObject({
      code: "INVALID",
      hint: expect.stringContaining("old.mts"),
    });
    expect((await failureOf({ "a.json": "{}" }, { entry: "a.json" })).message).toContain('".json". Allowed are .ts');
  });
});
