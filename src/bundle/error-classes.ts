import { relative, sep } from "node:path";
import type { Loader } from "esbuild";
import { ERROR_FN, ERROR_PRELUDE } from "./banner.ts";
import { type EditedSource, type Insertion, insertMapped } from "./insertions.ts";
import { findSourceRoot } from "./project.ts";

/** A file whose classes are looked at. */
export interface ErrorClassFile {
  readonly code: string;
  readonly loader: Loader;
  /** What the file is called in every process: its path relative to the source root, or {@link packageModule}. */
  readonly module: string;
  /** Whether a class that nothing uses may still leave the bundle. @default false */
  readonly droppable?: boolean;
}

/** How the file of a package is named: `npm:zod@4.1.0/v4/core/errors.js`. */
export function packageModule(name: string, version: string, path: string): string {
  return `npm:${name}@${version}/${path}`;
}

/** Whether a user's file may declare an error class: a cheap look that saves parsing most files. */
export function mayDeclareErrors(code: string): boolean {
  return /\bextends\b/.test(code) && /\bclass\b/.test(code);
}

/**
 * Whether a package's file may declare an error class. It goes by names (`…Error`, `…Exception`, `…Failure`, `…Fault`):
 * parsing every file of large packages would take longer than bundling them.
 */
export function mayDeclarePackageErrors(code: string): boolean {
  return /\bextends\s+[\w$.]*(?:Error|Exception|Failure|Fault)\b|\bclass\s+[\w$]*(?:Error|Exception|Failure|Fault)\s+extends\b/.test(code);
}

/**
 * Finds the classes of a file that extend something and are made once, when the module runs, and says what registers
 * them: a static block at the end of each body. It runs even when the module never ends. It is left to that block to
 * see whether the chain ends in Error, since the base may come from another file.
 *
 * A class without a name, and one that a function makes, is left alone. A file with a syntax error gives nothing: the
 * build reports the error.
 */
export async function errorClassInsertions(file: ErrorClassFile): Promise<readonly Insertion[]> {
  const { parseSync, visitorKeys } = await import("oxc-parser");
  const lang = LANGUAGES[file.loader];
  if (lang === undefined) return [];
  const { program } = parseSync("", file.code, { lang, sourceType: "unambiguous" });
  const call = `${ERROR_FN}(this,${JSON.stringify(file.module)})`;
  // The semicolon ends a field that has none.
  const text = `;static{${file.droppable === true ? "/* @__PURE__ */" : ""}${call}}`;
  return classesMadeOnce(program, visitorKeys).map((body) => ({ at: body.end - 1, text }));
}

/** The same for a user's file that is not bundled but loaded by itself. `undefined` when there is nothing to register. */
export async function markErrorClasses(code: string, loader: Loader, path: string): Promise<EditedSource | undefined> {
  if (!mayDeclareErrors(code)) return undefined;
  const module = relative(findSourceRoot(path), path).replaceAll(sep, "/");
  const insertions = await errorClassInsertions({ code, loader, module });
  return insertions.length === 0 ? undefined : insertMapped(code, [{ at: 0, text: `${ERROR_PRELUDE} ` }, ...insertions], path);
}

// --- Internal helpers ---

/** A node of a syntax tree, as far as it is looked at. */
interface Node {
  readonly type: string;
  readonly end: number;
  readonly declare?: boolean;
  readonly static?: boolean;
  readonly superClass?: Node | null;
  readonly body?: unknown;
}

/** Whether a node runs more than once, or never. Most of a file is in such nodes, so the rest is visited quickly. */
function isRepeated(node: Node): boolean {
  return (
    /Function/.test(node.type) ||
    node.declare === true ||
    // The value of a field is computed for each instance.
    (/^(?:PropertyDefinition|AccessorProperty)$/.test(node.type) && node.static !== true)
  );
}

/** The bodies of the classes that extend something. A list of what is still to visit takes any depth of nesting. */
function classesMadeOnce(program: Node, keys: Readonly<Record<string, readonly string[]>>): readonly Node[] {
  const found: Node[] = [];
  const open = [program];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (isRepeated(node)) continue;
    if (/^Class(?:Declaration|Expression)$/.test(node.type) && (node.superClass ?? null) !== null) found.push(node.body as Node);
    const children = node as unknown as Readonly<Record<string, Node | readonly (Node | null)[] | null>>;
    for (const key of keys[node.type] ?? []) {
      for (const child of [children[key]].flat()) if (child !== null && child !== undefined) open.push(child);
    }
  }
  return found;
}

const LANGUAGES: { readonly [loader in Loader]?: "ts" | "tsx" | "js" | "jsx" } = { ts: "ts", tsx: "tsx", js: "js", jsx: "jsx" };
