import { relative, sep } from "node:path";
import type { Loader, OnLoadResult, Plugin, TransformOptions } from "esbuild";
import { SOURCE_FN } from "./banner.ts";
import type { FileStamp } from "./bundle-record.ts";
import { registerErrorClasses } from "./error-classes.ts";
import { readStamped } from "./file-stamp.ts";
import { packageOf } from "./project.ts";
import { addSourcePrelude } from "./source-prelude.ts";

/** What the source plugin is told and whom it tells. */
export interface SourcePluginParams {
  readonly sourceRoot: string;
  readonly transform: (code: string, options: TransformOptions) => Promise<{ readonly code: string }>;
  /** Every file that is read, as it was read. */
  readonly onInput: (stamp: FileStamp) => void;
  /** A package turned out to require a native part. */
  readonly onNative: (folder: string) => void;
}

const LOADERS: Readonly<Record<string, Loader>> = {
  ".ts": "ts",
  ".mts": "ts",
  ".cts": "ts",
  ".tsx": "tsx",
  ".js": "js",
  ".mjs": "js",
  ".cjs": "js",
  ".jsx": "jsx",
};

/** Reads the source files: notes what they held, and adds what keeps their `import.meta` and their error classes. */
export function createSourcePlugin(params: SourcePluginParams): Plugin {
  const load = async (path: string): Promise<OnLoadResult | undefined> => {
    const { data, stamp } = readStamped(path);
    params.onInput(stamp);
    const source = relative(params.sourceRoot, path).replaceAll(sep, "/");
    const owner = packageOf(path);
    if (path.endsWith(".node")) {
      if (owner === undefined)
        return { contents: `module.exports = require(${SOURCE_FN}(${JSON.stringify(source)}).filename)`, loader: "js" };
      params.onNative(owner.folder);
      return { contents: "", loader: "js" };
    }
    const loader = LOADERS[/\.\w+$/.exec(path)?.[0] ?? ""];
    if (loader === undefined) return undefined;
    const text = data.toString("utf8");
    const marked = addSourcePrelude(text, source);
    // Packages' own files mostly stay as they are, and esbuild reads those faster by itself.
    if (owner !== undefined) return marked === text ? undefined : { contents: marked, loader };
    return { contents: await registerErrorClasses(marked, loader, params.transform), loader };
  };
  return {
    name: "tenon-sources",
    setup: (build) => build.onLoad({ filter: /./, namespace: "file" }, (args) => load(args.path)),
  };
}
