import { isBuiltin } from "node:module";
import type { ImportKind, OnResolveArgs, OnResolveResult, Plugin, PluginBuild } from "esbuild";
import type { ExternalPackage } from "./bundle-record.ts";
import { findPackageFolder, isNativePackage, readManifest } from "./native-package.ts";
import { packageOf } from "./project.ts";

/** The packages that a build leaves outside, gathered while it runs. */
export interface ExternalPackages {
  /** Decides which imports of an esbuild run stay outside. */
  readonly plugin: Plugin;
  /** Links, by name. */
  list(): readonly ExternalPackage[];
  /** Forgets the links of a run that will be repeated. */
  reset(): void;
  /** Keeps the package of a folder outside in the next run. False when it is outside already. */
  leaveOutside(folder: string, reason: "native" | "unbundled"): boolean;
  /** Links a package by name, imported or not, if the source root finds it. */
  link(name: string): void;
}

// A CommonJS file that requires tenon gets it by import, since Node warns when an ES module is required.
const REQUIRED = "tenon-required";

const SEEN = Symbol("resolved by the package plugin");

/**
 * Keeps `tenon`, packages with native parts and packages that the user named outside the bundle.
 *
 * A package is linked under its name if the source root finds the same copy. Another copy of it is linked as
 * `name@version`, so that each importer keeps its own.
 */
export function createExternalPackages(params: { readonly sourceRoot: string; readonly external: readonly string[] }): ExternalPackages {
  const links = new Map<string, ExternalPackage>();
  const reasons = new Map<string, ExternalPackage["reason"] | null>();
  const reasonOf = (folder: string): ExternalPackage["reason"] | null => {
    let reason = reasons.get(folder);
    if (reason === undefined) reasons.set(folder, (reason = isNativePackage(folder) ? "native" : null));
    return reason;
  };
  const keepOutside = (name: string, folder: string, reason: ExternalPackage["reason"]): string => {
    const version = readManifest(folder).version ?? "0.0.0";
    const link = findPackageFolder(name, params.sourceRoot) === folder ? name : `${name}@${version}`;
    if (!links.has(link)) links.set(link, { link, name, version, folder, reason, chain: [] });
    return link;
  };
  const resolve = async (build: PluginBuild, args: OnResolveArgs): Promise<OnResolveResult | undefined> => {
    if (args.pluginData === SEEN || args.kind === "entry-point" || isBuiltin(args.path)) return undefined;
    if (/^tenon(?:\/|$)/.test(args.path))
      return args.kind === "require-call" ? { path: args.path, namespace: REQUIRED } : { path: args.path, external: true };
    const name = /^(?:@[^/]+\/)?[^/]+/.exec(args.path)?.[0] ?? args.path;
    const outside = (folder: string, reason: ExternalPackage["reason"]): OnResolveResult => ({
      path: keepOutside(name, folder, reason) + args.path.slice(name.length),
      external: true,
    });
    if (params.external.includes(name) || args.kind === "require-resolve") {
      const folder = findPackageFolder(name, args.resolveDir);
      return folder === undefined ? undefined : outside(folder, args.kind === "require-resolve" ? "resolved" : "named");
    }
    const { kind, importer, resolveDir, namespace } = args;
    const found = await build.resolve(args.path, { kind, importer, resolveDir, namespace, with: args.with, pluginData: SEEN });
    // A package may name an optional one in a branch that never runs. As in Node, only running the branch fails. Otherwise
    // esbuild reports it in its own words, or accepts it where try guards the import.
    if (found.errors.length > 0)
      return isLate(args.kind) && packageOf(args.importer) !== undefined ? { path: args.path, external: true } : undefined;
    const owner = found.namespace === "file" ? packageOf(found.path) : undefined;
    const reason = owner === undefined || args.path.startsWith("#") ? null : reasonOf(owner.folder);
    if (owner !== undefined && reason !== null) return outside(owner.folder, reason);
    const { path, external, sideEffects, suffix } = found;
    return { path, external, namespace: found.namespace, sideEffects, suffix };
  };
  return {
    plugin: {
      name: "tenon-packages",
      setup: (build) => {
        build.onResolve({ filter: /^[^./]/ }, (args) => resolve(build, args));
        build.onLoad({ filter: /./, namespace: REQUIRED }, ({ path }) => ({ contents: `export * from ${JSON.stringify(path)};` }));
      },
    },
    list: () => [...links.values()].sort((a, b) => (a.link < b.link ? -1 : 1)),
    reset: () => links.clear(),
    leaveOutside: (folder, reason) => {
      if ((reasons.get(folder) ?? null) !== null) return false;
      reasons.set(folder, reason);
      return true;
    },
    link: (name) => {
      const folder = findPackageFolder(name, params.sourceRoot);
      if (folder !== undefined) keepOutside(name, folder, "named");
    },
  };
}

// --- Internal helpers ---

function isLate(kind: ImportKind): boolean {
  return kind === "dynamic-import" || kind === "require-call";
}
