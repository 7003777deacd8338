import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveFunctionOptions, type FunctionOptions } from "../../src/model/function-options.ts";
import type { AppManifest } from "../../src/model/manifest.ts";
import type { Reach } from "../../src/model/reach.ts";
import { type AppAsset, type AppOnAwsOptions, synthApp, synthEnvironment } from "../../src/synth/index.ts";
import type { PolicyStatement } from "../helpers/policy.ts";

/** One resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, any>>; // oxlint-disable-line typescript/no-explicit-any -- a template is whatever CloudFormation takes
  readonly DeletionPolicy?: string;
}

/** A template as it is deployed. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Type: string; readonly Default?: string }>>;
  readonly Rules?: Readonly<Record<string, unknown>>;
  readonly Outputs?: unknown;
}

const folder = mkdtempSync(join(tmpdir(), "tenon-synth-"));
let count = 0;

/** Removes every folder that was made here. */
export function removeFolders(): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A folder of its own. */
export function newFolder(): string {
  const made = join(folder, String(count++));
  mkdirSync(made);
  return made;
}

/** A small folder in place of an App's asset. */
export function smallAsset(text = "export {};"): AppAsset {
  const dir = newFolder();
  writeFileSync(join(dir, "app.mjs"), text);
  return { dir, version: "0123456789abcdef" };
}

/** What an App declares that has these Functions; those whose name begins with `gen` are generators. */
export function manifestOf(
  functions: Readonly<Record<string, FunctionOptions>>,
  more: Partial<Pick<AppManifest, "name" | "tags" | "objects">> & { readonly uses?: Readonly<Record<string, Reach>> } = {},
): AppManifest {
  const { uses = {}, ...rest } = more;
  const specs = Object.entries(functions).map(([name, options]) => [
    name,
    { ...resolveFunctionOptions(name, name.startsWith("gen") ? "generator" : "function", options), ...(uses[name] === undefined ? {} : { uses: uses[name] }) }, // prettier-ignore
  ]);
  return {
    name: "wordcount",
    tags: {},
    files: [],
    external: [],
    maxCallDepth: 32,
    functions: Object.fromEntries(specs) as AppManifest["functions"],
    entrypoints: {},
    ...rest,
  };
}

/** The template of an App. */
export function appTemplate(manifest: AppManifest, more: Partial<AppOnAwsOptions & { readonly asset: AppAsset }> = {}): Template {
  return read(synthApp({ environment: "dev", asset: smallAsset(), manifest, ...more }, { outputDir: newFolder() }));
}

/** The template of an environment. */
export function environmentTemplate(environment: string, params: Parameters<typeof synthEnvironment>[1] = {}): Template {
  return read(synthEnvironment(environment, { outputDir: newFolder(), sweeperDir: sweeperFolder(), ...params }));
}

function sweeperFolder(): string {
  const dir = newFolder();
  writeFileSync(join(dir, "sweeper.mjs"), "export {};");
  return dir;
}

/** The resources of a type. */
export function ofType(template: Template, type: string): readonly Resource[] {
  return Object.values(template.Resources).filter((resource) => resource.Type === type);
}

/** What the role of an App's Functions, or of its dispatcher, may do, as deployed into an account. */
export function statementsOf(template: Template, who: "functions" | "dispatcher"): readonly PolicyStatement[] {
  return statementsOfRole(template, (id) => id.startsWith("AppDispatcher") === (who === "dispatcher"));
}

/** What the first of these roles may do, as deployed into an account. */
export function statementsOfRole(template: Template, isIt: (id: string) => boolean): readonly PolicyStatement[] {
  const [, role] = Object.entries(template.Resources).find(([id, { Type }]) => Type === "AWS::IAM::Role" && isIt(id))!;
  const attached = ((role.Properties["ManagedPolicyArns"] ?? []) as { Ref: string }[]).map(({ Ref }) => template.Resources[Ref]!);
  const documents = [...role.Properties["Policies"], ...attached.map((each) => each.Properties)];
  return documents.flatMap(({ PolicyDocument }) => deployed(PolicyDocument).Statement as PolicyStatement[]);
}

/** A piece of a template with the names of one account filled in. */
export function deployed<T>(piece: T): T {
  const text = JSON.stringify(piece, (_, value: unknown) => {
    const sub = (value as { "Fn::Sub"?: string } | null)?.["Fn::Sub"];
    return typeof sub !== "string" ? value : sub.replaceAll(/\$\{AWS::(\w+)\}/g, (_whole, name: string) => ACCOUNT[name]!);
  });
  return JSON.parse(text) as T;
}

const ACCOUNT: Readonly<Record<string, string>> = { Partition: "aws", Region: "eu-central-1", AccountId: "123456789012" };

function read({ dir, stack }: { readonly dir: string; readonly stack: string }): Template {
  return JSON.parse(readFileSync(join(dir, `${stack}.template.json`), "utf8")) as Template;
}
