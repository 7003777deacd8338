import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { registry } from "../../src/context/registry.ts";
import { loadApp, loadFunction } from "../../src/runtime/load.ts";

const root = join(import.meta.dirname, "../..");
mkdirSync(join(root, ".tenon"), { recursive: true });
// Inside the package, so that it finds "tenon" as its users do.
const folder = mkdtempSync(join(root, ".tenon/load-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  const known = registry();
  known.apps.length = 0;
  known.handles.length = 0;
  known.reach = undefined;
});

let written = 0;
function bundleOf(source: string): { readonly appFile: string; readonly sourceRoot: string } {
  const appFile = join(folder, `app-${++written}.mjs`);
  writeFileSync(appFile, `import { App, Dict } from "tenon";\n${source}`);
  return { appFile, sourceRoot: folder };
}

const TWO_APPS = `
  export const app = new App("one");
  app.function("f", async () => 1);
  const other = new App("other");
  const seen = Dict.fromName("seen");
`;

test("a Function's reach is known when its module is loaded: what is made meanwhile, or its own uses", async () => {
  const bundle = bundleOf(`
    export const app = new App("one").uses(Dict.named("user-*"));
    const seen = Dict.fromName("seen");
    app.function("all", async () => 1);
    app.function("some", { uses: [seen] }, async () => 1);
  `);
  await loadFunction({ app: "one", bundle }, "all");
  expect(registry().reach).toEqual({
    app: "one",
    fn: "all",
    hasOwnUses: false,
    objects: { dict: [{ name: "seen" }, { pattern: "user-*" }] },
  });
  await loadFunction({ app: "one", bundle }, "some");
  expect(registry().reach).toMatchObject({ fn: "some", hasOwnUses: true, objects: { dict: [{ name: "seen" }] } });
});

test("a handle in a module graph of several Apps is refused unless an App claims it", async () => {
  await expect(loadApp({ app: "one", bundle: bundleOf(TWO_APPS) })).rejects.toThrow(
    expect.objectContaining({
      message: 'The modules declare Apps "one", "other", and the handle of Dict "seen" belongs to none of them.',
      hint: "Write app.uses(handle) in each App that uses it, join the Apps by app.include(other), or import no more than types of the other App and call it by RemoteFunction.fromName.",
    }) as Error,
  );
});

test.each([
  ["by its own uses", "app.uses(seen);", { dict: [{ name: "seen" }] }],
  ["by those of a Function", 'app.function("g", { uses: [seen] }, async () => 1);', { dict: [{ name: "seen" }] }],
  ["because the other App claims it", "other.uses(seen);", undefined],
  ["because it includes the other App", "app.include(other);", { dict: [{ name: "seen" }] }],
])("it is an App's %s", async (_, claim, reach) => {
  const app = await loadApp({ app: "one", bundle: bundleOf(TWO_APPS + claim) });
  expect(app.toManifest().objects).toEqual(reach);
});
