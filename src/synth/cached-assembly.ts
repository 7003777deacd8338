import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ensureStateFolder } from "../disk/state-folder.ts";
import type { BootstrapParams } from "../model/bootstrap.ts";
import { appStack } from "../model/aws-names.ts";
import type { AppManifest } from "../model/manifest.ts";
import { tenonDir } from "../util/package-dir.ts";
import { VERSION } from "../util/version.ts";
import { writeWhole } from "../util/write-whole.ts";
import type { AppArchitecture, AppAsset } from "./app-parts.ts";
import type { Assembly } from "./synth.ts";

/** What an App's stack is made from, all of it known. */
export interface CachedAssemblyParams extends BootstrapParams {
  readonly environment: string;
  readonly manifest: AppManifest;
  readonly asset: AppAsset;
  readonly architecture: AppArchitecture;
  /** Folder of Tenon's state; assemblies lie in `assemblies/` below it. */
  readonly stateDir: string;
}

/** Assemblies that are kept, of all Apps of the folder. */
const KEPT = 10;

/**
 * The cloud assembly of an App, made or found: the same declaration, code, CDK and Tenon make the same one. The CDK loads
 * only when one is made.
 */
export async function cachedAssembly(params: CachedAssemblyParams): Promise<Assembly> {
  const { stateDir, ...made } = params;
  const { qualifier, permissionsBoundary, ...props } = made;
  const root = ensureStateFolder(stateDir, "assemblies");
  const stack = appStack(props.environment, props.manifest.name);
  const dir = join(root, keyOf(made));
  if (existsSync(dir)) {
    const now = new Date();
    // Whoever used it last is removed last.
    utimesSync(dir, now, now);
    return { dir, stack };
  }
  const { synthApp } = await import("./synth.ts");
  writeWhole(dir, (outputDir) => void synthApp(props, { outputDir, qualifier, permissionsBoundary }), { isThere: () => existsSync(dir) });
  removeOld(root);
  return { dir, stack };
}

// --- Internal helpers ---

function keyOf(props: Omit<CachedAssemblyParams, "stateDir">): string {
  const require = createRequire(import.meta.url);
  const cdk = versionOf(() => require.resolve("aws-cdk-lib/package.json"));
  // In a checkout of Tenon its version stays while its code changes.
  const built = statSync(join(tenonDir(), "dist", "cli.js"), { throwIfNoEntry: false })?.mtimeMs;
  return createHash("sha256")
    .update(JSON.stringify([VERSION, built, cdk, props]))
    .digest("hex")
    .slice(0, 20);
}

function versionOf(resolve: () => string): string | null {
  try {
    return (JSON.parse(readFileSync(resolve(), "utf8")) as { version: string }).version;
  } catch {
    // It is missed, in words, by whoever needs it.
    return null;
  }
}

function removeOld(root: string): void {
  const HOUR_MS = 3_600_000;
  const found = readdirSync(root)
    .map((name) => ({ path: join(root, name), atMs: statSync(join(root, name), { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .toSorted((a, b) => b.atMs - a.atMs);
  // Younger ones may be about to be deployed by another process.
  for (const { path } of found.slice(KEPT).filter(({ atMs }) => Date.now() - atMs > HOUR_MS))
    rmSync(path, { recursive: true, force: true });
}
