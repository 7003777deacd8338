import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { EntrypointSpec } from "../../model/manifest.ts";
import type { FlagSpecs } from "../kit/flags.ts";
import { type EntrypointFlag, parseEntrypointArgs, refusePositionals, withDefaults } from "./entrypoint-flags.ts";
import { schemaFlags } from "./schema-fields.ts";
import { parseUntypedFlags, validateFlags } from "./schema-flags.ts";

/** A local entrypoint, as far as its command line is concerned. */
export interface ReadableEntrypoint {
  readonly spec: EntrypointSpec;
  /** In the place of options. */
  readonly schema: StandardSchemaV1 | undefined;
}

/** The argument of an entrypoint, or its flags for the help that was asked for: `null` when its schema does not tell them. */
export type ReadEntrypoint = { readonly argument: unknown } | { readonly help: Readonly<Record<string, EntrypointFlag>> | null };

/**
 * Reads the words after the file as the entrypoint's options or its schema say. `tenonFlags` are those that go before the file.
 *
 * Rejects with `UsageError`.
 */
export async function readEntrypoint(
  { spec, schema }: ReadableEntrypoint,
  words: readonly string[],
  tenonFlags: FlagSpecs,
): Promise<ReadEntrypoint> {
  const { positionals } = spec;
  if (schema === undefined) {
    const flags = spec.options ?? {};
    const parsed = parseEntrypointArgs(words, { flags, positionals, tenonFlags });
    if (parsed.help) return { help: flags };
    const argument = withDefaults(parsed.values, flags);
    return { argument: positionals === null ? argument : { ...argument, positionals: [...parsed.positionals] } };
  }
  const flags = fieldsOf(schema, positionals !== null);
  const parsed = flags === null ? parseUntypedFlags(words) : parseEntrypointArgs(words, { flags, positionals, tenonFlags });
  if (parsed.help) return { help: flags };
  if (positionals === null) refusePositionals(parsed.positionals);
  // The schema takes positionals as a field of that name.
  const given = positionals === null ? undefined : parsed.positionals;
  const unknown = flags === null ? { tenonFlags } : {};
  return { argument: await validateFlags({ schema, values: parsed.values, positionals: given, ...unknown }) };
}

// --- Internal helpers ---

/** The schema's fields that are flags: not its positionals. */
function fieldsOf(schema: StandardSchemaV1, hasPositionals: boolean): Readonly<Record<string, EntrypointFlag>> | null {
  const fields = schemaFlags(schema);
  if (fields === null || !hasPositionals) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== "positionals"));
}
