import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, extname, join, resolve } from "node:path";
import { BundleError, InvalidError, NotFoundError } from "../model/errors.ts";
import { folderName } from "../util/folder-name.ts";
import { findSourceRoot } from "./project.ts";

/** What to bundle. */
export interface BundleParams {
  /** File that declares the App: .ts, .mts, .tsx, .js, .mjs or .jsx. */
  readonly entryFile: string;
  /** Globs of files that travel with the App, relative to the nearest package.json. @default none */
  readonly files?: readonly string[];
  /** Names of packages to leave out of app.mjs, beside those with native parts. @default none */
  readonly external?: readonly string[];
  /** Folder of Tenon's state; bundles lie in `bundles/` below it. */
  readonly stateDir: string;
  /** Folder of the running Tenon: it holds package.json and dist/. */
  readonly tenonDir: string;
}

/** Checked and resolved `BundleParams`, with everything that decides whether an earlier bundle serves. */
export interface BundleJob {
  readonly entryFile: string;
  readonly sourceRoot: string;
  readonly files: readonly string[];
  readonly external: readonly string[];
  readonly stateDir: string;
  readonly tenonDir: string;
  readonly tenonVersion: string;
  readonly host: string;
  /** Folder that holds all versions of this bundle. */
  readonly slot: string;
}

const EXTENSIONS = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"];
const PACKAGE_NAME = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*$/;

/** Resolves the params. Throws NotFoundError for a missing file, and InvalidError for a file that can't declare an App or a malformed option. */
export function prepareJob(params: BundleParams): BundleJob {
  const entryFile = checkEntry(params.entryFile);
  const sourceRoot = findSourceRoot(entryFile);
  const files = [...new Set((params.files ?? []).map(checkGlob))].sort();
  const external = [...new Set((params.external ?? []).map(checkExternal))].sort();
  const tenonDir = realpathSync(params.tenonDir);
  const stateDir = resolve(params.stateDir);
  const slot = join(
    stateDir,
    "bundles",
    folderName(basename(entryFile, extname(entryFile)), [entryFile, tenonDir, ...files, "", ...external]),
  );
  // A Tenon that was built again may bundle in another way, even if its version is the same.
  const builtAtMs = statSync(join(tenonDir, "dist", "index.js"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const host = `${process.version} ${process.platform} ${process.arch} ${builtAtMs}`;
  return { entryFile, sourceRoot, files, external, stateDir, tenonDir, tenonVersion: versionOf(tenonDir), host, slot };
}

/** Whether a text is the name of a package, without a path. */
export function isPackageName(text: string): boolean {
  return PACKAGE_NAME.test(text);
}

// --- Internal helpers ---

function checkEntry(file: string): string {
  const path = resolve(file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new NotFoundError(`There is no file ${JSON.stringify(file)} in ${process.cwd()}.`, { hint: "Check the path." });
  if (!stat.isFile())
    throw new InvalidError(`${JSON.stringify(file)} is a folder. An App is declared in a file.`, {
      hint: "Name the file, such as app.ts.",
    });
  const extension = extname(path);
  if (extension === ".cjs" || extension === ".cts") {
    throw new InvalidError(`${JSON.stringify(file)} is CommonJS. An App is declared in an ES module.`, {
      hint: `Rename it to ${basename(path, extension)}${extension === ".cts" ? ".mts" : ".mjs"} and write import in place of require. It may import CommonJS files.`,
    });
  }
  if (!EXTENSIONS.includes(extension)) {
    throw new InvalidError(
      `${JSON.stringify(file)} can't be bundled: its extension is ${JSON.stringify(extension)}. Allowed are ${EXTENSIONS.join(", ")}.`,
    );
  }
  return realpathSync(path);
}

function checkGlob(glob: string): string {
  const segments = glob.replace(/^!/, "").split(/[\\/]/);
  if (glob === "" || /^!?(?:[\\/]|[a-zA-Z]:)/.test(glob) || segments.includes("..")) {
    throw new InvalidError(
      `files: ${JSON.stringify(glob)} leaves the package. Globs are relative to the nearest package.json and stay below it.`,
      {
        hint: 'Write it like "./models/**".',
      },
    );
  }
  return glob;
}

function checkExternal(name: string): string {
  if (isPackageName(name)) return name;
  throw new InvalidError(`external: ${JSON.stringify(name)} is not the name of a package.`, {
    hint: 'Write it like "sharp" or "@scope/name", without a path.',
  });
}

function versionOf(tenonDir: string): string {
  try {
    return String((JSON.parse(readFileSync(join(tenonDir, "package.json"), "utf8")) as { version?: unknown }).version);
  } catch (cause) {
    throw new BundleError(`There is no package.json of Tenon in ${tenonDir}.`, { cause, hint: "Install the package tenon again." });
  }
}
