import { UsageError } from "../kit/failures.ts";

/** The part of the Standard Schema interface (version 1) that is used here. */
export interface StandardSchema {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    validate(value: unknown): SchemaResult | Promise<SchemaResult>;
  };
}

type PathKey = PropertyKey | { readonly key: PropertyKey };
type SchemaResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string; readonly path?: readonly PathKey[] | undefined }[] };

/** Flags read without knowing their types: texts, `true` for a flag without a value, lists for repeated ones. */
export interface RawFlags {
  readonly values: Readonly<Record<string, unknown>>;
  readonly positionals: readonly string[];
  readonly help: boolean;
}

/**
 * Reads flags that no one declared. `--name value` and `--name=value` are texts, `--name` before another flag or
 * the end is `true`, `--no-name` is `false`, `--max-words` is the field `maxWords`; after `--` all are positionals.
 */
export function parseRawFlags(words: readonly string[]): RawFlags {
  const values: Record<string, unknown> = {};
  const positionals: string[] = [];
  let help = false;
  const put = (flag: string, value: string | boolean): void => {
    const name = flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(values, name)) Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
    else values[name] = [values[name], value].flat();
  };
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!;
    const next = words[i + 1];
    if (word === "--") {
      positionals.push(...words.slice(i + 1));
      break;
    }
    if (word === "--help" || word === "-h") help = true;
    else if (!/^--?[A-Za-z]/.test(word)) positionals.push(word);
    else {
      const [, flag = "", value] = /^--?([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
      if (value !== undefined) put(flag, value);
      else if (flag.startsWith("no-")) put(flag.slice(3), false);
      else if (next !== undefined && !/^--?[A-Za-z]|^--$/.test(next)) {
        put(flag, next);
        i++;
      } else put(flag, true);
    }
  }
  return { values, positionals, help };
}

/**
 * Gives raw flags to a schema. The fields it refuses as text are tried once more as JSON, so that `--count 3` suits
 * a number and `--id 007` a string. Returns what the schema made of them.
 *
 * Throws `UsageError` naming each refused flag.
 */
export async function validateFlags(
  values: Readonly<Record<string, unknown>>,
  schema: StandardSchema,
  flagName: (field: string) => string,
): Promise<unknown> {
  let result = await schema["~standard"].validate({ ...values });
  if (result.issues !== undefined) {
    const refused = new Set(result.issues.map((issue) => fieldOf(issue.path)));
    const second = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, refused.has(name) ? asJson(value) : value]));
    result = await schema["~standard"].validate(second);
  }
  if (result.issues === undefined) return result.value;
  const lines = result.issues.map((issue) => {
    const field = fieldOf(issue.path);
    if (field === undefined) return issue.message;
    return `--${flagName(field)}${field in values ? ` (given ${JSON.stringify(values[field])})` : " (not given)"}: ${issue.message}`;
  });
  throw new UsageError(lines.join("; "), { hint: "The entrypoint's schema refuses these flags; the words are its own." });
}

function fieldOf(path: readonly PathKey[] | undefined): string | undefined {
  const first = path?.[0];
  if (first === undefined) return undefined;
  return String(typeof first === "object" ? first.key : first);
}

function asJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
