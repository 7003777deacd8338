import type { StandardSchemaV1 } from "@standard-schema/spec";
import { UsageError } from "../kit/failures.ts";
import { flagName, type FlagSpecs } from "../kit/flags.ts";
import { type EntrypointArgs, type FlagValues, unknownFlag } from "./entrypoint-flags.ts";

/**
 * Reads flags of unknown types. `--name value` and `--name=value` are texts, `--name` before another flag or
 * the end is `true`, `--no-name` is `false`, `--max-words` is the field `maxWords`; after `--` all are positionals.
 */
export function parseUntypedFlags(words: readonly string[]): EntrypointArgs {
  const values: Record<string, Untyped | Untyped[]> = {};
  const positionals: string[] = [];
  let help = false;
  const put = (flag: string, value: Untyped): void => {
    const name = flag.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(values, name)) Object.defineProperty(values, name, { value, enumerable: true, configurable: true, writable: true });
    else values[name] = [values[name] ?? [], value].flat();
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

/** What a schema is to check. */
export interface ValidateParams {
  readonly schema: StandardSchemaV1;
  readonly values: FlagValues;
  /** Absent where the entrypoint takes none. */
  readonly positionals?: readonly string[] | undefined;
  /** Tenon's own flags, where the schema's fields are not known: a flag that the schema never looks at is refused. */
  readonly tenonFlags?: FlagSpecs;
}

/**
 * Gives flags to a schema, and positionals as its field of that name. Fields that it refuses as text are tried once more as
 * JSON, so that `--count 3` suits a number and `--id 007` a string. Returns what the schema made of them.
 *
 * Rejects with `UsageError` naming each refused flag.
 */
export async function validateFlags({ schema, values, positionals, tenonFlags }: ValidateParams): Promise<unknown> {
  const given: FlagValues = positionals === undefined ? values : { ...values, positionals };
  const read = new Set<PropertyKey>();
  let result = await schema["~standard"].validate(tenonFlags === undefined ? { ...given } : watched(given, read));
  if (result.issues !== undefined) {
    const refused = new Set(result.issues.map((issue) => fieldOf(issue)));
    const second = Object.entries(given).map(([name, value]) => [name, refused.has(name) ? asJson(value) : value] as const);
    result = await schema["~standard"].validate(Object.fromEntries(second));
  }
  const unread = tenonFlags === undefined ? undefined : Object.keys(values).find((name) => !read.has(name));
  if (unread !== undefined) throw unknownFlag(`--${flagName(unread)}`, null, tenonFlags ?? {});
  if (result.issues === undefined) return result.value;
  const lines = result.issues.map((issue) => {
    const field = fieldOf(issue);
    if (field === undefined) return issue.message;
    return `--${flagName(field)}${field in given ? ` (given ${JSON.stringify(given[field])})` : " (not given)"}: ${issue.message}`;
  });
  throw new UsageError(`The entrypoint's schema refuses its flags: ${lines.join("; ")}.`, {
    hint: "Change the flags as the schema says, or run the file with --help.",
  });
}

// --- Internal helpers ---

type Untyped = string | boolean;

/** The values, which note what is read of them. */
function watched(values: FlagValues, read: Set<PropertyKey>): FlagValues {
  return new Proxy(
    { ...values },
    {
      get(target, key, receiver) {
        read.add(key);
        return Reflect.get(target, key, receiver) as unknown;
      },
    },
  );
}

function fieldOf({ path }: StandardSchemaV1.Issue): string | undefined {
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
