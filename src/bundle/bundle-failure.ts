import { resolve } from "node:path";
import type { build as esbuildBuild, BuildFailure, BuildOptions, Message, Metafile, Plugin } from "esbuild";
import { BundleError } from "../model/errors.ts";
import { packageOf } from "./project.ts";

/** What is needed to find out why a file is in the bundle. */
export interface FailureContext {
  readonly build: typeof esbuildBuild;
  readonly options: BuildOptions;
  /** The entry file, relative to the source root. */
  readonly entry: string;
}

const SHOWN = 5;

/**
 * Folders of the installed packages that esbuild can't bundle although Node may run them: they hold code for sloppy mode
 * only, or files of kinds that esbuild does not know. A package that lacks another one is not among them.
 */
export function faultyPackages(error: unknown, sourceRoot: string): readonly string[] {
  const messages = (error as Partial<BuildFailure> | undefined)?.errors ?? [];
  const faulty = messages.filter((message) => message.location !== null && unresolvedName(message) === undefined);
  return faulty
    .map((message) => packageOf(resolve(sourceRoot, message.location?.file ?? ""))?.folder)
    .filter((folder) => folder !== undefined);
}

/** Turns a failure of esbuild into a BundleError with places, texts and a hint. Errors of other kinds pass as they are. */
export async function toBundleError(error: unknown, context: FailureContext): Promise<unknown> {
  const messages = (error as Partial<BuildFailure> | undefined)?.errors;
  if (!Array.isArray(messages) || messages.length === 0) return error;
  const unresolved = messages.map(unresolvedName).find((name) => name !== undefined);
  const chains = unresolved === undefined ? undefined : await readChains(context);
  const lines = messages.slice(0, SHOWN).map((message) => describe(message, chains));
  const more = messages.length > SHOWN ? `\n  and ${messages.length - SHOWN} more` : "";
  const text = messages.length === 1 ? (lines[0] as string) : `${messages.length} errors:\n  ${lines.join("\n  ")}${more}`;
  return new BundleError(`Could not bundle ${context.entry}: ${text}`, { cause: error, hint: hintFor(messages, unresolved) });
}

// --- Internal helpers ---

type Chains = (file: string) => readonly string[];

function unresolvedName(message: Message): string | undefined {
  return /^Could not resolve "(.+)"$/.exec(message.text)?.[1];
}

function describe(message: Message, chains: Chains | undefined): string {
  const { location, text } = message;
  if (location === null) return text;
  const name = unresolvedName(message);
  const chain = name === undefined ? undefined : [...(chains?.(location.file) ?? [location.file]), name].join(" → ");
  return `${location.file}:${location.line}:${location.column + 1}: ${text}${chain === undefined ? "" : ` (${chain})`}`;
}

function hintFor(messages: readonly Message[], unresolved: string | undefined): string {
  if (unresolved === undefined) return `Correct ${messages[0]?.location?.file ?? "the file"} at the line shown.`;
  if (/^[./#]/.test(unresolved)) return "Check the path, which is relative to the file that imports it.";
  const name = /^(?:@[^/]+\/)?[^/]+/.exec(unresolved)?.[0] ?? unresolved;
  return /^[@~]\//.test(unresolved) ? "Check the paths of your tsconfig.json." : `Run npm install ${name}.`;
}

// A failed run does not say which file imports which. Another run ignores what is missing and says it.
async function readChains(context: FailureContext): Promise<Chains | undefined> {
  const guarded = Symbol("asked before");
  const skipMissing: Plugin = {
    name: "tenon-skip-missing",
    setup: (run) =>
      run.onResolve({ filter: /./ }, async (args) => {
        if (args.pluginData === guarded || args.kind === "entry-point") return undefined;
        const { kind, importer, resolveDir, namespace } = args;
        const found = await run.resolve(args.path, { kind, importer, resolveDir, namespace, pluginData: guarded });
        return found.errors.length > 0 ? { path: args.path, external: true } : undefined;
      }),
  };
  try {
    const loader = { ".node": "empty" } as const;
    const { metafile } = await context.build({ ...context.options, loader, metafile: true, plugins: [skipMissing] });
    return (file) => chainTo(metafile as Metafile, context.entry, file);
  } catch {
    return undefined;
  }
}

function chainTo(metafile: Metafile, entry: string, file: string): readonly string[] {
  const from = new Map<string, string>([[entry, ""]]);
  for (const [path] of from) {
    for (const { path: next } of metafile.inputs[path]?.imports ?? []) if (!from.has(next)) from.set(next, path);
  }
  const chain: string[] = [];
  for (let at = file; at !== "" && from.has(at); at = from.get(at) ?? "") chain.unshift(at);
  return chain.length === 0 ? [file] : chain;
}
