import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Noun } from "./asset-chunks.ts";
import { writeWhole } from "../util/write-whole.ts";

/** Changes with the shape of app.mjs or of the record. Bundles of other formats are made again. */
export const BUNDLE_FORMAT = 5;

/** A file as it was when the bundle was made. */
export interface FileStamp {
  readonly path: string;
  /** Epoch milliseconds. -1 when the file was so new that its next change might carry the same time. */
  readonly mtimeMs: number;
  readonly size: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** A package that stays outside app.mjs and is linked into the bundle's node_modules. */
export interface ExternalPackage {
  /** Name of its folder in the bundle's node_modules, and what app.mjs imports: `sharp`, or `sharp@0.33.1` for a second copy. */
  readonly link: string;
  readonly name: string;
  readonly version: string;
  /** Absolute real folder. */
  readonly folder: string;
  /** Why it is outside: it has native parts, the user named it, its place is asked at run time, or esbuild can't take it. */
  readonly reason: "native" | "named" | "resolved" | "unbundled";
  /** The files by which the App imports it, relative to the source root, the entry first. Empty when none does. */
  readonly chain: readonly string[];
}

/** Contents of bundle.json: what a bundle was made of. Paths are absolute; of the assets, relative to the source root. */
export interface BundleRecord {
  readonly format: number;
  readonly version: string;
  readonly entryFile: string;
  readonly sourceRoot: string;
  readonly tenonVersion: string;
  /** Node version, platform and architecture that bundled, and when that Tenon was built. */
  readonly host: string;
  readonly files: readonly string[];
  readonly external: readonly string[];
  readonly inputs: readonly FileStamp[];
  /** Files that did not exist and would change the bundle if they did. */
  readonly absent: readonly string[];
  /** Names of the code files in the user's own folders. A new one may take the place of another. */
  readonly folders: Readonly<Record<string, string>>;
  readonly packages: readonly ExternalPackage[];
  /** What the App uses of `tenon` that has chunks of its own in the asset, such as `dict`. */
  readonly nouns: readonly Noun[];
  /** What `files` matched; `path` is relative to the source root, with `/`. */
  readonly assets: readonly FileStamp[];
}

/** Reads a record. Undefined when there is none or it has another format. */
export function readRecord(file: string): BundleRecord | undefined {
  try {
    const record = JSON.parse(readFileSync(file, "utf8")) as BundleRecord;
    return record.format === BUNDLE_FORMAT ? record : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the record in the folder of a bundle. Undefined when it holds none. */
export function readBundleRecord(dir: string): BundleRecord | undefined {
  return readRecord(join(dir, "bundle.json"));
}

/** Writes a record so that readers in other processes see the old one or the new one, whole. */
export function writeRecord(file: string, record: BundleRecord): void {
  writeWhole(file, (temporary) => writeFileSync(temporary, JSON.stringify(record)));
}
