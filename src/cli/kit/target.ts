import { existsSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { UsageError } from "./failures.ts";

/** What `file.ts[::name]` names. */
export interface Target {
  /** Absolute path of the file. */
  readonly file: string;
  /** The file as it was typed. */
  readonly typed: string;
  /** An entrypoint's or Function's name; absent when it was left out. */
  readonly name?: string;
}

const SOURCE_ENDINGS = [".ts", ".mts", ".tsx", ".js", ".mjs", ".jsx"];

/**
 * Reads `file.ts[::name]` and finds the file.
 *
 * Throws `UsageError` for an empty name, a file that is not there, a folder, and a file that is no TypeScript or JavaScript.
 */
export function parseTarget(text: string): Target {
  const cut = text.indexOf("::");
  const typed = cut === -1 ? text : text.slice(0, cut);
  const name = cut === -1 ? undefined : text.slice(cut + 2);
  if (name === "")
    throw new UsageError(`no name after "::" in "${text}"`, {
      hint: `Name an entrypoint or a Function, such as ${typed}::main, or leave "::" out.`,
    });
  if (typed === "")
    throw new UsageError(`no file before "::" in "${text}"`, { hint: `Write the file first, such as app.ts::${name ?? "main"}.` });
  const file = resolve(typed);
  if (!existsSync(file)) throw new UsageError(`no such file: ${typed}`, { hint: missingHint(file, typed) });
  if (!statSync(file).isFile())
    throw new UsageError(`${typed} is a folder, not a file`, { hint: "Name the TypeScript file that declares the App." });
  if (!SOURCE_ENDINGS.includes(extname(file))) {
    throw new UsageError(`${typed} is neither TypeScript nor JavaScript`, {
      hint: `Its name must end in one of ${SOURCE_ENDINGS.join(" ")}.`,
    });
  }
  return name === undefined ? { file, typed } : { file, typed, name };
}

function missingHint(file: string, typed: string): string {
  const ending = SOURCE_ENDINGS.find((candidate) => existsSync(file + candidate));
  if (ending !== undefined) return `Did you mean ${typed}${ending}?`;
  return `It was looked for at ${file}.`;
}
