import { UsageError } from "../kit/failures.ts";

/** What was typed after a Function's name. */
export interface CallArgs {
  readonly args: readonly unknown[];
  readonly help: boolean;
}

/** One argument of a call: JSON when it parses as JSON, else the string itself; `raw` keeps every one a string. */
export function parseCallArg(text: string, raw = false): unknown {
  if (raw) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/**
 * Reads the words after `file.ts::function`. Functions have no flags: `--raw` and `--help` are taken wherever they stand,
 * any other `--word` is refused, and everything after `--` is a value.
 */
export function parseCallArgs(words: readonly string[], raw = false): CallArgs {
  const end = words.indexOf("--");
  const before = end === -1 ? words : words.slice(0, end);
  const after = end === -1 ? [] : words.slice(end + 1);
  const values: string[] = [];
  let help = false;
  let strings = raw;
  for (const word of before) {
    if (word === "--help" || word === "-h") help = true;
    else if (word === "--raw") strings = true;
    else if (/^--?[A-Za-z]/.test(word)) {
      throw new UsageError(`Unknown flag: ${word}. A Function takes values, not flags.`, {
        hint: `Write Tenon's own flags before the file, and a value that begins with "-" after "--".`,
      });
    } else values.push(word);
  }
  return { args: [...values, ...after].map((value) => parseCallArg(value, strings)), help };
}

/**
 * What to say before a Function is called with fewer arguments than it has parameters; `undefined` when there are enough.
 * Nothing more than said: JavaScript does not know which parameters TypeScript calls optional. Those with a default and
 * rest parameters do not count.
 */
export function missingArgsNote(name: string, fn: { readonly length: number }, given: number): string | undefined {
  if (given >= fn.length) return undefined;
  const parameters = fn.length === 1 ? "1 parameter" : `${fn.length} parameters`;
  return `Function "${name}" has ${parameters}, and is called with ${given === 0 ? "no argument" : given === 1 ? "1 argument" : `${given} arguments`}.`;
}
