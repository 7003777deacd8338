import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readBundleRecord } from "../../src/bundle/index.ts";
import { project, removeTemporary, runBundle } from "./project.ts";

afterAll(removeTemporary);

const sample = () =>
  project({
    "src/app.ts": `import { readFileSync } from "node:fs";\nexport const read = () => readFileSync(new URL("../models/a.bin", import.meta.url), "utf8");\n`,
    "models/a.bin": "AAA",
    "models/deep/b.bin": "B",
    "models/deep/notes.txt": "n",
  });
const entry = "src/app.ts";

describe("files that travel with the App", () => {
  test("are listed in the bundle's record and hashed into its version; nothing is copied here", async () => {
    const app = sample();
    const bundle = await app.bundle({ entry, files: ["./models/**", "!**/*.txt"] });
    expect(readBundleRecord(bundle.dir)?.assets.map((one) => [one.path, one.size])).toEqual([
      ["models/a.bin", 3],
      ["models/deep/b.bin", 1],
    ]);
    expect(existsSync(join(bundle.dir, "models"))).toBe(false);
    expect(await runBundle(bundle, "app.read()")).toBe("AAA");
    expect(bundle.version).not.toBe((await app.bundle({ entry })).version);
  });

  test("make another version when one changes, comes or goes", async () => {
    const app = sample();
    const params = { entry, files: ["models"] };
    const versions = [(await app.bundle(params)).version];
    for (const [name, text] of [
      ["models/a.bin", "ABC"],
      ["models/new.bin", "N"],
    ] as const) {
      app.write(name, text);
      const bundle = await app.bundle(params);
      expect(bundle.cached).toBe(false);
      expect((await app.bundle(params)).cached).toBe(true);
      versions.push(bundle.version);
    }
    expect(new Set(versions).size).toBe(3);
  });

  test("never include installed packages or Tenon's own state by the way", async () => {
    const app = sample();
    await app.bundle({ entry });
    const bundle = await app.bundle({ entry, files: ["**"] });
    expect(readBundleRecord(bundle.dir)?.assets.map((one) => one.path)).toEqual([
      "models/a.bin",
      "models/deep/b.bin",
      "models/deep/notes.txt",
      "package.json",
      "src/app.ts",
    ]);
  });

  test.each(["../secrets/**", "models/../../x", "/etc/**"])("are refused outside the package: %s", async (glob) => {
    const refused = sample().bundle({ entry, files: [glob] });
    await expect(refused).rejects.toMatchObject({ code: "INVALID", message: expect.stringContaining(JSON.stringify(glob)) });
  });

  test("are refused when a glob matches nothing, by its name", async () => {
    await expect(sample().bundle({ entry, files: ["models/**", "modles/**"] })).rejects.toMatchObject({
      code: "INVALID",
      message: expect.stringContaining('"modles/**" matches nothing'),
    });
  });
});
