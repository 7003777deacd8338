import { basename, relative, sep } from "node:path";
import type { Loader, OnLoadResult, Plugin } from "esbuild";
import { SOURCE_FN } from "./banner.ts";
import type { FileStamp } from "./bundle-record.ts";
import { type ErrorClassFile, errorClassInsertions, mayDeclareErrors, mayDeclarePackageErrors, packageModule } from "./error-classes.ts";
import { readStamped } from "./file-stamp.ts";
import { insert, insertMapped, movesCode, withInlineMap } from "./insertions.ts";
import { readManifest } from "./native-package.ts";
import { packageOf } from "./project.ts";
import { sourcePrelude } from "./source-prelude.ts";

/** What the source plugin is told, and what it tells. */
export interface SourcePluginParams {
  readonly sourceRoot: string;
  /** Called with every file that is read. */
  readonly onInput: (stamp: FileStamp) => void;
  /** Called when a package requires a native part. */
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

/** Reads the source files, notes what they hold, and adds what keeps their `import.meta` and their error classes. */
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
    const code = data.toString("utf8");
    const classes = owner === undefined ? ownFile(code, loader, source) : packageFile(code, loader, path, owner);
    const insertions = [...sourcePrelude(code, source), ...(classes === undefined ? [] : await errorClassInsertions(classes))];
    // Most files stay as they are, and esbuild reads those faster by itself; the user's may change meanwhile.
    if (insertions.length === 0) return owner === undefined ? { contents: code, loader } : undefined;
    // In a package's file the lines are enough: a map of every word of it would take longer than the build.
    const mapped = owner === undefined && movesCode(code, insertions);
    const contents = mapped ? withInlineMap(await insertMapped(code, insertions, basename(path))) : insert(code, insertions);
    return { contents, loader };
  };
  return {
    name: "tenon-sources",
    setup: (build) => build.onLoad({ filter: /./, namespace: "file" }, (args) => load(args.path)),
  };
}

// --- Internal helpers ---

function ownFile(code: string, loader: Loader, source: string): ErrorClassFile | undefined {
  return mayDeclareErrors(code) ? { code, loader, module: source } : undefined;
}

function packageFile(
  code: string,
  loader: Loader,
  path: string,
  owner: NonNullable<ReturnType<typeof packageOf>>,
): ErrorClassFile | undefined {
  if (!mayDeclarePackageErrors(code)) return undefined;
  const { version = "0.0.0" } = readManifest(owner.folder);
  const place = relative(owner.folder, path).replaceAll(sep, "/");
  return { code, loader, module: packageModule(owner.name, version, place), droppable: true };
}
