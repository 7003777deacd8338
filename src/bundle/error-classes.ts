import type { Loader, TransformOptions } from "esbuild";
import { ERROR_FN, ERROR_PRELUDE } from "./banner.ts";

type Transform = (code: string, options: TransformOptions) => Promise<{ readonly code: string }>;

/**
 * Adds to a user's file what registers its top-level classes that extend something, so that errors of them arrive
 * as themselves in another process. Whether the chain ends in Error is asked when the class is made.
 *
 * Each class gets a static block on the line where its body opens: it then registers at once, even when the module
 * parks before its end. Where that can't be placed with certainty, a statement after the last line does it.
 * Line numbers stay. An anonymous default class has no name to be found by and is left alone.
 */
export async function registerErrorClasses(code: string, loader: Loader, transform: Transform): Promise<string> {
  if (!/\bclass\b[^]*?\bextends\b/.test(code)) return code;
  const plain = await strip(code, loader, transform);
  if (plain === undefined) return code;
  let edited = code;
  const late: string[] = [];
  for (const { name, bound } of topLevelClasses(plain)) {
    const next = await insertBlock(edited, name, loader, transform);
    if (next === undefined) late.push(bound);
    else edited = next;
  }
  const statements = late.map((name) => `${ERROR_FN}(${name}, ${JSON.stringify(name)});`);
  return late.length === 0 ? edited : `${edited}\n;${statements.join(" ")}\n`;
}

/** The same for a file that is not bundled but loaded by itself; `undefined` when there is nothing to register. */
export async function markErrorClasses(code: string, loader: Loader, transform: Transform): Promise<string | undefined> {
  const marked = await registerErrorClasses(code, loader, transform);
  return marked === code ? undefined : `${ERROR_PRELUDE} ${marked}`;
}

// --- Internal helpers ---

interface TopLevelClass {
  /** Name that follows `class`. */
  readonly name: string;
  /** Name it is bound to at top level; another one in `const A = class B extends C {}`. */
  readonly bound: string;
}

const DECLARED = /^(?:export (?:default )?)?(?:@.* )?class (\S+) extends /gm;
const ASSIGNED = /^(?:export )?(?:const|let|var) (\S+) = (?:@.* )?class(?: (\S+))? extends /gm;

// esbuild prints one statement per line, nested ones indented; with templates lowered to strings, nothing but a
// top-level statement starts in the first column.
async function strip(code: string, loader: Loader, transform: Transform): Promise<string | undefined> {
  try {
    const result = await transform(code, {
      loader,
      target: "esnext",
      legalComments: "none",
      charset: "utf8",
      supported: { "template-literal": false },
      logLevel: "silent",
    });
    return result.code;
  } catch {
    // The build itself reports the syntax error, with its place.
    return undefined;
  }
}

function topLevelClasses(plain: string): readonly TopLevelClass[] {
  const declared = [...plain.matchAll(DECLARED)].map(([, name = ""]) => ({ name, bound: name }));
  const assigned = [...plain.matchAll(ASSIGNED)].map(([, bound = "", name = ""]) => ({ name, bound }));
  return [...declared, ...assigned];
}

async function insertBlock(code: string, name: string, loader: Loader, transform: Transform): Promise<string | undefined> {
  // A class expression without a name of its own is registered by the name that it is bound to.
  if (name === "") return undefined;
  const mark = `static{${ERROR_FN}(this,${JSON.stringify(name)})}`;
  const printed = new RegExp(
    `^(?:export (?:default )?)?(?:@.* )?(?:(?:const|let|var) \\S+ = )?class ${escape(name)} extends .*\\{\\n(?:  .*\\n|\\n)*?  static \\{\\n    ${ERROR_FN}\\(this, "${escape(name)}"\\);\\n`,
    "m",
  );
  for (const match of code.matchAll(new RegExp(`(?<![\\w$.#])class\\s+${escape(name)}(?![\\w$])`, "g"))) {
    const body = bodyStart(code, match.index + match[0].length);
    if (body === undefined) continue;
    const edited = code.slice(0, body) + mark + code.slice(body);
    const plain = await strip(edited, loader, transform);
    if (plain !== undefined && printed.test(plain)) return edited;
  }
  return undefined;
}

/** Offset after the `{` that opens a class body, from behind its name; brackets of the heritage are stepped over. */
function bodyStart(code: string, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    const char = code[i] as string;
    if (code.startsWith("//", i)) i = endOf(code, "\n", i);
    else if (code.startsWith("/*", i)) i = endOf(code, "*/", i) + 1;
    else if (char === '"' || char === "'" || char === "`") i = endOf(code, char, i + 1);
    else if (code.startsWith("=>", i)) i++;
    else if (char === "{" && depth === 0) return i + 1;
    else if ("([{<".includes(char)) depth++;
    else if (")]}>".includes(char)) depth--;
    else if (char === ";" && depth === 0) return undefined;
  }
  return undefined;
}

function endOf(code: string, text: string, from: number): number {
  const at = code.indexOf(text, from);
  return at < 0 ? code.length : at;
}

function escape(text: string): string {
  return text.replace(/[$\\]/g, "\\$&");
}
