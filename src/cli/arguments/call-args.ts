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
 * Reads the words after `file.ts::function`. Functions have no flags of their own: `--raw` and `--help` are taken
 * wherever they stand, any other `--word` is refused, and all that follows `--` is a value.
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
      throw new UsageError(`unknown flag ${word}: a Function takes values, not flags`, {
        hint: `Tenon's own flags go before the file; a value that begins with "-" goes after "--".`,
      });
    } else values.push(word);
  }
  return { args: [...values, ...after].map((value) => parseCallArg(value, strings)), help };
}
