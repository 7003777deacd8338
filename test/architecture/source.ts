import { readdirSync, readFileSync } from "node:fs";
import { join, posix, relative } from "node:path";
import { parseSync, type Comment } from "oxc-parser";

/** The root of the repository. */
export const ROOT = join(import.meta.dirname, "../..");

/** A node of the syntax tree, as far as the rules look at it. */
export interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly [key: string]: unknown;
}

/** One import, whatever its form: `import`, `export … from`, `import()` and `import("…")` in a type. */
export interface Import {
  readonly specifier: string;
  /** The file in the repository, for a relative one. */
  readonly target: string | undefined;
  /** Made when the line runs, not when the file loads. */
  readonly lazy: boolean;
  readonly typeOnly: boolean;
  readonly line: number;
}

/** A parsed TypeScript file. */
export interface Source {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly body: readonly Node[];
  readonly comments: readonly Comment[];
  readonly imports: readonly Import[];
}

/** A place where a rule is broken: `src/a.ts:3 what is wrong`. */
export type Finding = string;

/** Parses the text of a file; a planted one in a test of the rules, or a real one. */
export function source(path: string, text: string): Source {
  const parsed = parseSync(path, text, { lang: "ts", sourceType: "module" });
  if (parsed.errors.length > 0) throw new SyntaxError(`${path}: ${parsed.errors[0]?.message}`);
  const body = parsed.program.body as unknown as readonly Node[];
  return { path, text, body, comments: parsed.comments, imports: importsOf(path, text, body) };
}

/** Every TypeScript file below folders of the repository; a folder that is not there holds none. */
export function readSources(...folders: readonly string[]): readonly Source[] {
  return (
    folders
      .flatMap((folder) => readFiles(folder))
      // Fixtures are users' files: some are wrong on purpose.
      .filter((file) => file.path.endsWith(".ts") && !isFixture(file.path))
      .map((file) => source(file.path, file.text))
  );
}

/** Whether a file stands for a user's: none of our habits bind it. */
export function isFixture(path: string): boolean {
  return /^test\/(?:.*\/)?fixtures?\//.test(path);
}

/** Every file below a folder of the repository, without what is installed or made. */
export function readFiles(folder: string): readonly { readonly path: string; readonly text: string }[] {
  const skipped = new Set(["node_modules", "dist", ".git", ".tenon", "out", "cdk.out"]);
  const found: { path: string; text: string }[] = [];
  const walkFolder = (absolute: string): void => {
    for (const entry of readdirSync(absolute, { withFileTypes: true })) {
      const path = join(absolute, entry.name);
      if (skipped.has(entry.name)) continue;
      if (entry.isDirectory()) walkFolder(path);
      if (!entry.isFile() || /\.(?:tgz|tsbuildinfo)$/.test(entry.name)) continue;
      found.push({ path: relative(ROOT, path).replaceAll("\\", "/"), text: readFileSync(path, "utf8") });
    }
  };
  try {
    walkFolder(join(ROOT, folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Calls `visit` with every node below the given ones, outermost first; `false` leaves out what is inside. */
export function walk(nodes: readonly Node[], visit: (node: Node) => boolean | void): void {
  for (const node of nodes) {
    if (visit(node) === false) continue;
    for (const value of Object.values(node)) walk(childNodes(value), visit);
  }
}

/** The place of a node, for a finding. */
export function at(file: Source, node: { readonly start: number }): string {
  return `${file.path}:${lineAt(file.text, node.start)}`;
}

function childNodes(value: unknown): readonly Node[] {
  if (Array.isArray(value)) return value.flatMap(childNodes);
  return typeof value === "object" && value !== null && typeof (value as Node).type === "string" ? [value as Node] : [];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split("\n").length;
}

const IMPORT_FORMS = new Set(["ImportDeclaration", "ExportNamedDeclaration", "ExportAllDeclaration", "ImportExpression", "TSImportType"]);

function importsOf(path: string, text: string, body: readonly Node[]): readonly Import[] {
  const imports: Import[] = [];
  walk(body, (node) => {
    const specifier = (node["source"] as { value?: unknown } | null | undefined)?.value;
    if (!IMPORT_FORMS.has(node.type) || typeof specifier !== "string") return;
    imports.push({
      specifier,
      target: specifier.startsWith(".") ? posix.normalize(posix.join(posix.dirname(path), specifier)) : undefined,
      lazy: node.type === "ImportExpression",
      typeOnly: node.type === "TSImportType" || node["importKind"] === "type" || node["exportKind"] === "type",
      line: lineAt(text, node.start),
    });
  });
  return imports;
}
