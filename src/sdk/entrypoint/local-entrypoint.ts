import type { StandardSchemaV1 } from "@standard-schema/spec";
import { resolveEntrypoint, isStandardSchema } from "../../model/entrypoint-options.ts";
import { InvalidError } from "../../model/errors.ts";
import type { EntrypointOption, EntrypointSpec } from "../../model/manifest.ts";
import { checkOptionNames } from "../../model/option-checks.ts";
import { showValue } from "../../util/show-value.ts";
import type { EntrypointParams } from "./entrypoint-types.ts";

/** A function that `tenon run` starts in its own process, with the App running around it. Made by `app.localEntrypoint(…)`. */
export class LocalEntrypoint<A = unknown> {
  readonly name: string;
  /** What was declared, as the manifest holds it. */
  readonly spec: EntrypointSpec;
  /** The schema that stands in the place of flags. */
  readonly schema: StandardSchemaV1 | undefined;
  /** The function as written; its argument is not checked. */
  readonly handler: (argument: A) => unknown;

  protected constructor(spec: EntrypointSpec, schema: StandardSchemaV1 | undefined, handler: (argument: A) => unknown) {
    this.name = spec.name;
    this.spec = spec;
    this.schema = schema;
    this.handler = handler;
  }

  /** @internal Throws `InvalidError` for what can't be a flag. */
  static declare<A>(params: EntrypointParams | undefined, fn: ((argument: A) => unknown) | undefined): LocalEntrypoint<A> {
    const spec = resolveEntrypoint(params);
    if (typeof fn !== "function") {
      throw new InvalidError(`Entrypoint "${spec.name}": the function is ${showValue(fn)}. It must be a function.`, {
        hint: "Write app.localEntrypoint(async () => …), with options before the function if there are any.",
      });
    }
    const schema = isStandardSchema(params?.options) ? (params?.options as StandardSchemaV1) : undefined;
    return new LocalEntrypoint<A>(spec, schema, fn);
  }

  /**
   * Runs the function in this process. `values` are the flags by name: defaults are filled in and types checked, or the
   * schema validates them. Rejects with `InvalidError` for an unknown flag and for a value that is not allowed.
   */
  async run(values: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const argument = this.schema === undefined ? fillIn(this.spec, values) : await validate(this.name, this.schema, values);
    return await this.handler(argument as A);
  }
}

// --- Internal helpers ---

function fillIn(spec: EntrypointSpec, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const what = `Entrypoint "${spec.name}"`;
  const options = spec.options ?? {};
  const hasPositionals = spec.positionals !== null;
  checkOptionNames(what, values, { known: hasPositionals ? [...Object.keys(options), "positionals"] : Object.keys(options) });
  const argument: Record<string, unknown> = hasPositionals ? { positionals: values["positionals"] ?? [] } : {};
  for (const [flag, option] of Object.entries(options)) {
    const value = values[flag] ?? option.default;
    argument[flag] = value === undefined ? undefined : checkValue(`${what}: ${flag}`, option, value);
  }
  return argument;
}

function checkValue(what: string, option: EntrypointOption, value: unknown): unknown {
  const isOfType = (each: unknown): boolean => typeof each === option.type && !Number.isNaN(each);
  if (option.multiple !== true && isOfType(value)) return value;
  if (option.multiple === true && Array.isArray(value) && value.every(isOfType)) return value;
  throw new InvalidError(
    `${what} is ${showValue(value)}. It must be ${option.multiple === true ? `an array of ${option.type}s` : `a ${option.type}`}.`,
  );
}

async function validate(name: string, schema: StandardSchemaV1, values: Readonly<Record<string, unknown>>): Promise<unknown> {
  const result = await schema["~standard"].validate(values);
  if (result.issues === undefined) return result.value;
  throw new InvalidError(`Entrypoint "${name}": ${result.issues.map(sentence).join("; ")}.`);
}

function sentence({ message, path = [] }: StandardSchemaV1.Issue): string {
  const field = path.map((part) => String(typeof part === "object" ? part.key : part)).join(".");
  return field === "" ? message : `${field}: ${message}`;
}
