import { basename } from "node:path/posix";
import { LONG_FILES, MAX_FUNCTION_LINES, MAX_LINES, MAX_TEST_LINES, TABLES } from "./layers.ts";
import { at, type Finding, type Node, type Source, walk } from "./source.ts";

const NATIVE_ERRORS = new Set([
  "Error",
  "TypeError",
  "RangeError",
  "SyntaxError",
  "ReferenceError",
  "EvalError",
  "URIError",
  "AggregateError",
]);
const FUNCTIONS = new Set(["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"]);

/** Errors without a code: `new Error(…)` anywhere, and any of JavaScript's own classes thrown. */
export function bareErrors(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (isMade(node, (name) => name === "Error")) findings.push(`${at(file, node)} makes a bare Error`);
    const thrown = node["argument"] as Node | undefined;
    if (node.type === "ThrowStatement" && thrown && isMade(thrown, (name) => name !== "Error" && NATIVE_ERRORS.has(name))) {
      findings.push(`${at(file, node)} throws a bare ${nameOf(thrown["callee"])}`);
    }
  });
  return findings;
}

/** Uses of `console`. */
export function consoleUses(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    const object = node.type === "MemberExpression" ? node["object"] : undefined;
    const property = (object as Node | undefined)?.type === "MemberExpression" ? (object as Node)["property"] : object;
    if (nameOf(property) === "console") findings.push(`${at(file, node)} uses console`);
  });
  return findings;
}

/** Uses of `toLocaleString`: the first in a process loads the data of all locales, which takes longer than most starts. */
export function localeUses(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (node.type === "MemberExpression" && nameOf(node["property"]) === "toLocaleString")
      findings.push(`${at(file, node)} uses toLocaleString; showNumber does it`);
  });
  return findings;
}

/** The type `any`, wherever it stands. */
export function anyTypes(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (node.type === "TSAnyKeyword") findings.push(`${at(file, node)} says any`);
  });
  return findings;
}

/** `await` outside of every function: CommonJS programs could not `require` the package. */
export function topLevelAwaits(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  walk(file.body, (node) => {
    if (FUNCTIONS.has(node.type)) return false;
    const awaits = node.type === "AwaitExpression" || node["await"] === true || node["kind"] === "await using";
    if (awaits) findings.push(`${at(file, node)} awaits while the module loads`);
    return true;
  });
  return findings;
}

/** Exported names whose declaration has no doc comment right above it. */
export function undocumentedExports(file: Source): readonly Finding[] {
  const listed = new Set(
    file.body
      .filter((node) => node.type === "ExportNamedDeclaration" && !node["source"])
      .flatMap((node) => (node["specifiers"] as Node[]).map((specifier) => nameOf(specifier["local"]))),
  );
  const missing = new Map<string, Node>();
  const documented = new Set<string>();
  for (const node of file.body) {
    const exported = node.type === "ExportNamedDeclaration" || node.type === "ExportDefaultDeclaration";
    const declaration = exported ? (node["declaration"] as Node | null) : node;
    if (!declaration) continue;
    for (const name of declaredNames(declaration, node.type === "ExportDefaultDeclaration")) {
      if (!exported && !listed.has(name)) continue;
      // One doc comment serves all overloads of a function.
      if (hasDoc(file, node)) documented.add(name);
      else if (!missing.has(name)) missing.set(name, node);
    }
  }
  return [...missing]
    .filter(([name]) => !documented.has(name))
    .map(([name, node]) => `${at(file, node)} exports ${name} without a doc comment`);
}

/** Files longer than allowed. */
export function longFiles(files: readonly { readonly path: string; readonly text: string }[]): readonly Finding[] {
  return files.flatMap(({ path, text }) => {
    const [lines, most] = [lineCount(text), path.startsWith("test/") ? MAX_TEST_LINES : MAX_LINES];
    return lines <= most || LONG_FILES[path] !== undefined ? [] : [`${path} has ${lines} lines; ${most} are allowed`];
  });
}

/** Functions longer than allowed, outside of tables. */
export function longFunctions(file: Source): readonly Finding[] {
  const findings: Finding[] = [];
  if (TABLES.test(file.path)) return findings;
  walk(file.body, (node) => {
    if (!FUNCTIONS.has(node.type)) return;
    const lines = lineCount(file.text.slice(node.start, node.end));
    if (lines > MAX_FUNCTION_LINES) findings.push(`${at(file, node)} is a function of ${lines} lines; ${MAX_FUNCTION_LINES} are allowed`);
  });
  return findings;
}

/** Lines of a text, the last newline not counted as one more. */
export function lineCount(text: string): number {
  return text.replace(/\n$/, "").split("\n").length;
}

/** File names other than `kebab-case.ts`. */
export function wrongFileNames(files: readonly Source[]): readonly Finding[] {
  return files
    .filter((file) => !/^[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9-]+)*\.ts$/.test(basename(file.path)))
    .map((file) => `${file.path} is not kebab-case`);
}

function isMade(node: Node, matches: (name: string) => boolean): boolean {
  const name = node.type === "NewExpression" || node.type === "CallExpression" ? nameOf(node["callee"]) : undefined;
  return name !== undefined && matches(name);
}

function nameOf(node: unknown): string {
  const { type, name } = (node ?? {}) as { type?: string; name?: unknown };
  return type === "Identifier" && typeof name === "string" ? name : "";
}

function declaredNames(declaration: Node, isDefault: boolean): readonly string[] {
  if (isDefault) return ["default"];
  if (declaration.type === "VariableDeclaration") return (declaration["declarations"] as Node[]).map((each) => nameOf(each["id"]));
  const name = nameOf(declaration["id"]);
  return name === "" ? [] : [name];
}

/** Whether a doc comment ends right above a node; a line comment, such as a lint exception, may stand between. */
function hasDoc(file: Source, node: Node): boolean {
  let end = node.start;
  for (const comment of file.comments.toReversed()) {
    if (comment.end > end) continue;
    if (!/^\s*$/.test(file.text.slice(comment.end, end))) return false;
    if (comment.type === "Block") return comment.value.startsWith("*") && /\w/.test(comment.value);
    end = comment.start;
  }
  return false;
}
