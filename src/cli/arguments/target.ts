import { existsSync, statSync } from "node:fs";
import { extname, resolve } from "node:path";
import { UsageError } from "../kit/failures.ts";

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

/** Whether a word is the name of a source file rather than of an App. */
export function isSourceFile(word: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(word);
}

/**
 * Reads `file.ts[::name]` and finds the file.
 *
 * Throws `UsageError` for an empty name, a missing file, a folder, and a file that is neither TypeScript nor JavaScript.
 */
export function parseTarget(text: string): Target {
  const cut = text.indexOf("::");
  const typed = cut === -1 ? text : text.slice(0, cut);
  const name = cut === -1 ? undefined : text.slice(cut + 2);
  if (name === "")
    throw new UsageError(`No name after "::": "${text}".`, {
      hint: `Write the name of an entrypoint or a Function, such as ${typed}::main, or leave "::" out.`,
    });
  if (typed === "")
    throw new UsageError(`No file before "::": "${text}".`, { hint: `Write the file first, such as app.ts::${name ?? "main"}.` });
  const file = resolve(typed);
  if (!existsSync(file)) throw new UsageError(`No such file: ${typed}.`, { hint: missingHint(file, typed) });
  if (!statSync(file).isFile())
    throw new UsageError(`Not a file but a folder: ${typed}.`, { hint: "Write the name of the file that declares the App." });
  if (!SOURCE_ENDINGS.includes(extname(file))) {
    throw new UsageError(`Neither TypeScript nor JavaScript: ${typed}. The file's name must end in one of ${SOURCE_ENDINGS.join(" ")}.`, {
      hint: "Write the name of the file that declares the App.",
    });
  }
  return name === undefined ? { file, typed } : { file, typed, name };
}

/** Reads the file of a command that takes a whole App. Throws `UsageError` also for a name behind it. */
export function parseAppTarget(text: string, command: string): Target {
  const target = parseTarget(text);
  if (target.name === undefined) return target;
  throw new UsageError(`A name stands behind the file: "${target.name}". tenon ${command} takes a whole App.`, {
    hint: `Write tenon ${command} ${target.typed}.`,
  });
}

// --- Internal helpers ---

function missingHint(file: string, typed: string): string {
  const ending = SOURCE_ENDINGS.find((candidate) => existsSync(file + candidate));
  return ending === undefined ? `Check the path: ${file} is not there.` : `Write ${typed}${ending}.`;
}
