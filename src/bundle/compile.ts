import { relative } from "node:path";
import { build, type BuildOptions, transform } from "esbuild";
import { BANNER } from "./banner.ts";
import { toBundleError } from "./bundle-failure.ts";
import type { BundleJob } from "./bundle-job.ts";
import type { ExternalPackage, FileStamp } from "./bundle-record.ts";
import { createExternalPackages } from "./package-plugin.ts";
import { createSourcePlugin } from "./source-plugin.ts";
import { SOURCE_DEFINES } from "./source-prelude.ts";

/** What one esbuild run gives. */
export interface Compiled {
  /** Text of app.mjs: the same on every machine for the same sources. */
  readonly code: string;
  /** Text of app.mjs.map; its sources are relative to the source root. */
  readonly map: string;
  readonly inputs: readonly FileStamp[];
  readonly packages: readonly ExternalPackage[];
}

/** Bundles the App into one module. Throws BundleError with the places of what is wrong. */
export async function compile(job: BundleJob): Promise<Compiled> {
  const inputs = new Map<string, FileStamp>();
  const packages = createExternalPackages(job);
  let isNewNative = true;
  const sources = createSourcePlugin({
    sourceRoot: job.sourceRoot,
    transform,
    onInput: (stamp) => inputs.set(stamp.path, stamp),
    onNative: (folder) => (isNewNative = packages.addNative(folder) || isNewNative),
  });
  const options = optionsFor(job);
  for (;;) {
    inputs.clear();
    isNewNative = false;
    const result = await build({ ...options, plugins: [packages.plugin, sources] }).catch(async (error: unknown) => {
      throw await toBundleError(error, { build, options, packages: packages.plugin, entry: relative(job.sourceRoot, job.entryFile) });
    });
    // A package that turned out to be native is left outside by the next run.
    if (isNewNative) continue;
    const code = result.outputFiles.find((file) => file.path.endsWith(".mjs"))?.text ?? "";
    const map = result.outputFiles.find((file) => file.path.endsWith(".map"))?.text ?? "";
    for (const name of job.external) packages.link(name);
    return { code, map, inputs: [...inputs.values()], packages: packages.list() };
  }
}

// --- Internal helpers ---

function optionsFor(job: BundleJob) {
  return {
    absWorkingDir: job.sourceRoot,
    entryPoints: [job.entryFile],
    // Nothing is written there; paths in the source map are relative to it.
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
    logLevel: "silent",
  } as const satisfies BuildOptions;
}
