import type { StandardJSONSchemaV1, StandardSchemaV1 } from "@standard-schema/spec";
import type { EntrypointFlag, FlagValue } from "./entrypoint-flags.ts";

/** The flags that a schema's fields make, by name. */
export type SchemaFlags = Readonly<Record<string, EntrypointFlag>>;

/**
 * The fields that a Standard Schema takes, as flags; `null` when it does not tell them.
 *
 * Libraries tell them by `~standard.jsonSchema` (zod from 4.2, arktype from 2.1.28, valibot's `toStandardJsonSchema`).
 * valibot's own objects have `entries`, and older zods have `shape`, which tell names, and of valibot also types.
 */
export function schemaFlags(schema: StandardSchemaV1): SchemaFlags | null {
  const ofJson = jsonSchemaOf(schema);
  if (ofJson !== null) return flagsOfJsonSchema(ofJson);
  const { entries, shape } = schema as { readonly entries?: unknown; readonly shape?: unknown };
  if (isFields(entries)) return mapFields(entries, flagOfEntry);
  if (isFields(shape)) return mapFields(shape, () => ({ type: "value" }));
  return null;
}

// --- Internal helpers ---

/** The part of JSON Schema that says what a flag is. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
}

function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema | null {
  const { jsonSchema } = schema["~standard"] as Partial<StandardJSONSchemaV1.Props>;
  if (jsonSchema === undefined) return null;
  try {
    // zod's word for: what JSON has no type for may be anything.
    const found: JsonSchema = jsonSchema.input({ target: "draft-2020-12", libraryOptions: { unrepresentable: "any" } });
    return found.properties === undefined ? null : found;
  } catch {
    return null;
  }
}

function flagsOfJsonSchema({ properties = {}, required = [] }: JsonSchema): SchemaFlags {
  return mapFields(properties, (field, name) => {
    const single = field.type === "array" ? (field.items ?? {}) : field;
    return {
      type: flagType(single),
      multiple: field.type === "array" ? true : undefined,
      default: isDefault(field.default) ? field.default : undefined,
      description: describe(field.description, single.enum),
      required: required.includes(name) ? true : undefined,
    };
  });
}

function flagType({ type }: JsonSchema): EntrypointFlag["type"] {
  if (type === "integer") return "number";
  return type === "string" || type === "number" || type === "boolean" ? type : "value";
}

function describe(description: string | undefined, choices: readonly unknown[] | undefined): string | undefined {
  const listed = choices === undefined ? undefined : `one of ${choices.map(String).join(", ")}`;
  return description === undefined || listed === undefined ? (description ?? listed) : `${description}: ${listed}`;
}

/** A field of valibot: a schema, perhaps wrapped by what makes it optional. */
interface Entry {
  readonly type?: unknown;
  readonly wrapped?: Entry;
  readonly item?: Entry;
  readonly default?: unknown;
  readonly options?: unknown;
  readonly pipe?: readonly { readonly type?: unknown; readonly description?: unknown }[];
}

function flagOfEntry(entry: Entry): EntrypointFlag {
  const inner = unwrapped(entry);
  const isList = inner.type === "array";
  const single = isList ? unwrapped(inner.item ?? {}) : inner;
  const described = inner.pipe?.find(({ type }) => type === "description")?.description;
  const choices = single.type === "picklist" && Array.isArray(single.options) ? (single.options as readonly unknown[]) : undefined;
  return {
    type: choices === undefined ? flagType({ type: String(single.type) }) : "string",
    multiple: isList ? true : undefined,
    default: isDefault(entry.default) ? entry.default : undefined,
    description: describe(typeof described === "string" ? described : undefined, choices),
    required: entry.wrapped === undefined ? true : undefined,
  };
}

function unwrapped(entry: Entry): Entry {
  return entry.wrapped === undefined ? entry : unwrapped(entry.wrapped);
}

function mapFields<T>(fields: Readonly<Record<string, T>>, flagOf: (field: T, name: string) => EntrypointFlag): SchemaFlags {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, flagOf(field, name)]));
}

function isFields(value: unknown): value is Readonly<Record<string, Entry>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDefault(value: unknown): value is FlagValue | readonly FlagValue[] {
  const isOne = (each: unknown): boolean => ["string", "number", "boolean"].includes(typeof each);
  return isOne(value) || (Array.isArray(value) && value.length > 0 && value.every(isOne));
}
