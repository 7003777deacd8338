import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { DeploymentsApi } from "../../src/adapters/aws/deployments.ts";
import { deployStack } from "../../src/deploy/index.ts";
import { synthApp } from "../../src/synth/index.ts";
import { manifestOf, newFolder, removeFolders, smallAsset } from "../synth/template.ts";

// What CloudFormation keeps of a template is asked for by GetTemplate, which gives `?` for each character beyond ASCII.
afterAll(removeFolders);

/** The assembly of an App whose texts end like this. */
function assembly(text: string): { readonly dir: string; readonly stack: string } {
  const manifest = manifestOf({ count: { env: { GREETING: `grüß ${text}` } } }, { tags: { owner: `Zoë ${text}` } });
  return synthApp({ environment: "dev", manifest, asset: smallAsset() }, { outputDir: newFolder() });
}

/** An account where an assembly is deployed; `kept` is what its answers make of a template. */
function accountWith({ dir, stack }: { readonly dir: string; readonly stack: string }, kept: (template: string) => string): DeploymentsApi {
  const { artifacts } = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as {
    readonly artifacts: Readonly<Record<string, { readonly properties: { readonly tags?: Record<string, string> } }>>;
  };
  const template = readFileSync(join(dir, `${stack}.template.json`), "utf8");
  const unused = (): never => {
    throw new TypeError("Not asked for when nothing has changed.");
  };
  return {
    stack: async () => ({ status: "UPDATE_COMPLETE", tags: artifacts[stack]?.properties.tags ?? {} }),
    template: async () => kept(template),
    parameters: unused,
    hasTable: unused,
    concurrency: unused,
    destroy() {},
  };
}

/** As AWS answers. */
const asAws = (template: string): string => Array.from(template, (each) => (each > "\u007f" ? "?" : each)).join("");
const changeOf = async (api: DeploymentsApi, wanted: ReturnType<typeof assembly>): Promise<boolean | null> =>
  (await deployStack(api, { ...wanted, onChange: async () => false })).changed;

it("sees that nothing has changed where AWS gives ? for what is not ASCII, and where an emulator keeps it", async () => {
  const deployed = assembly("日本 🐳");
  expect(readFileSync(join(deployed.dir, `${deployed.stack}.template.json`), "utf8")).toContain("grüß 日本 🐳");
  expect(await changeOf(accountWith(deployed, asAws), assembly("日本 🐳"))).toBe(false);
  expect(
    await changeOf(
      accountWith(deployed, (template) => template),
      assembly("日本 🐳"),
    ),
  ).toBe(false);
});

it("sees a change of such characters alone", async () => {
  const api = accountWith(assembly("日本 🐳"), asAws);
  expect(await changeOf(api, assembly("日木 🐳"))).toBeNull();
  expect(await changeOf(api, assembly("日本 🐙"))).toBeNull();
});
