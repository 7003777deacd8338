import { readFileSync } from "node:fs";
import { relative } from "node:path";
import { build, type BuildOptions, type BuildResult } from "esbuild";
import { type Noun, NOUNS } from "./asset-chunks.ts";
import { usedNouns } from "./asset-nouns.ts";
import { BANNER } from "./banner.ts";
import { faultyPackages, toBundleError } from "./bundle-failure.ts";
import { type BundleJob, isPackageName } from "./bundle-job.ts";
import type { ExternalPackage, FileStamp } from "./bundle-record.ts";
import { importChain } from "./import-chain.ts";
import { createExternalPackages } from "./package-plugin.ts";
import { createSourcePlugin } from "./source-plugin.ts";
import { SOURCE_DEFINES } from "./source-prelude.ts";

/** What one esbuild run gives. */
export interface Compiled {
  /** Text of app.mjs. The same sources give the same text on every machine. */
  readonly code: string;
  /** Text of app.mjs.map. Its sources are relative to the source root. */
  readonly map: string;
  readonly inputs: readonly FileStamp[];
  readonly packages: readonly ExternalPackage[];
  /** What the App uses of `tenon` that has chunks of its own. */
  readonly nouns: readonly Noun[];
}

/** Bundles the App into one module. Throws BundleError with the places of what is wrong. */
export async function compile(job: BundleJob): Promise<Compiled> {
  const inputs = new Map<string, FileStamp>();
  const external = [...new Set([...job.external, ...literalExternals(job.entryFile)])];
  const packages = createExternalPackages({ sourceRoot: job.sourceRoot, external });
  let isOutdated = true;
  const leaveOutside = (folder: string, reason: "native" | "unbundled"): void => {
    isOutdated = packages.leaveOutside(folder, reason) || isOutdated;
  };
  const onNative = (folder: string): void => leaveOutside(folder, "native");
  const sources = createSourcePlugin({
    sourceRoot: job.sourceRoot,
    onInput: (stamp) => inputs.set(stamp.path, stamp),
    onNative,
  });
  const options = optionsFor(job);
  for (;;) {
    inputs.clear();
    packages.reset();
    isOutdated = false;
    let result: BuildResult<typeof options>;
    try {
      result = await build({ ...options, plugins: [packages.plugin, sources] });
    } catch (error) {
      for (const folder of faultyPackages(error, job.sourceRoot)) leaveOutside(folder, "unbundled");
      if (isOutdated) continue;
      throw await toBundleError(error, { build, options, entry: relative(job.sourceRoot, job.entryFile) });
    }
    // The next run leaves outside what can't be bundled.
    if (isOutdated) continue;
    const code = result.outputFiles.find((file) => file.path.endsWith(".mjs"))?.text ?? "";
    const map = result.outputFiles.find((file) => file.path.endsWith(".map"))?.text ?? "";
    for (const name of external) packages.link(name);
    const entry = relative(job.sourceRoot, job.entryFile);
    const list = packages.list().map((one) => ({ ...one, chain: importChain(result.metafile, entry, one.link) }));
    const imports = Object.values(result.metafile.outputs).flatMap((output) => output.imports);
    const nouns = usedNouns(code, imports, NOUNS);
    return { code, map, inputs: [...inputs.values()], packages: list, nouns };
  }
}

// --- Internal helpers ---

function optionsFor(job: BundleJob) {
  return {
    absWorkingDir: job.sourceRoot,
    entryPoints: [job.entryFile],
    // Nothing is written there. Paths in the source map are relative to it.
    outfile: `${job.sourceRoot}/app.mjs`,
    write: false,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    charset: "utf8",
    keepNames: true,
    sourcemap: "external",
    sourcesContent: false,
    define: SOURCE_DEFINES,
    banner: { js: BANNER },
    metafile: true,
    logLevel: "silent",
  } as const satisfies BuildOptions;
}

/**
 * Packages that the App names literally in `external: ["…"]`. The module must be bundled before it can be asked for them,
 * and bundling may need them.
 */
function literalExternals(entryFile: string): readonly string[] {
  const lists = readFileSync(entryFile, "utf8").matchAll(/\bexternal\s*:\s*\[([^\]]*)\]/g);
  const names = [...lists].flatMap(([, list = ""]) => [...list.matchAll(/(["'`])([^"'`]+)\1/g)].map((match) => match[2] ?? ""));
  return names.filter(isPackageName);
}
