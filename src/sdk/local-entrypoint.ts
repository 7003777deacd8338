import { InvalidError } from "../model/errors.ts";
import type { EntrypointOption, EntrypointSpec } from "../model/manifest.ts";
import { checkName } from "../model/names.ts";
import { checkBoolean, checkOptionNames, checkOptionsObject, isPlainObject } from "../model/option-checks.ts";
import { showValue } from "../util/show-value.ts";
import type { EntrypointParams } from "./entrypoint-types.ts";
import { isStandardSchema } from "./standard-schema.ts";
import type { StandardSchema } from "./standard-schema.ts";

const FLAG = /^[a-zA-Z][a-zA-Z0-9-_]*$/;
const TYPES: readonly unknown[] = ["string", "boolean", "number"];

/** A function that `tenon run` starts in its own process, with the App running around it. Made by `app.localEntrypoint(…)`. */
export class LocalEntrypoint<A = unknown> {
  readonly name: string;
  /** What was declared, as the manifest holds it. */
  readonly spec: EntrypointSpec;
  readonly #schema: StandardSchema | undefined;
  readonly #fn: (argument: A) => unknown;

  /** @internal */
  protected constructor(spec: EntrypointSpec, schema: StandardSchema | undefined, fn: (argument: A) => unknown) {
    this.name = spec.name;
    this.spec = spec;
    this.#schema = schema;
    this.#fn = fn;
  }

  /** @internal Throws `InvalidError` for what can't be a flag. */
  static declare<A>(params: EntrypointParams, fn: (argument: A) => unknown): LocalEntrypoint<A> {
    const given = checkOptionsObject("localEntrypoint", params);
    checkOptionNames("localEntrypoint", given, { known: ["name", "options", "positionals"], renamed: { args: "options", flags: "options", allowPositionals: "positionals" } });
    const name = checkName("local entrypoint", params.name ?? "main");
    const what = `Local entrypoint "${name}"`;
    if (typeof fn !== "function") throw new InvalidError(`${what}: the function is ${showValue(fn)}; it must be a function.`);
    const positionals = checkPositionals(what, params.positionals);
    if (isStandardSchema(params.options)) return new LocalEntrypoint<A>({ name, positionals }, params.options, fn);
    const options = checkFlags(what, params.options ?? {}, positionals !== null);
    return new LocalEntrypoint<A>({ name, options, positionals }, undefined, fn);
  }

  /** @internal Whether both run the same function. */
  isSame(other: LocalEntrypoint): boolean {
    return this.#fn === (other.#fn as unknown);
  }

  /**
   * Runs the function in this process. `values` are the flags by name; defaults are filled in, a schema validates.
   * Rejects with `InvalidError` for a value of the wrong type or an unknown flag.
   */
  async run(values: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const argument = this.#schema === undefined ? fillIn(this.spec, values) : await validate(this.spec, this.#schema, values);
    return await this.#fn(argument as A);
  }
}

// --- Internal helpers ---

function checkPositionals(what: string, positionals: unknown): readonly string[] | null {
  if (positionals === undefined) return null;
  if (Array.isArray(positionals) && positionals.every((each) => typeof each === "string" && each !== "")) return [...(positionals as string[])];
  throw new InvalidError(`${what}: positionals is ${showValue(positionals)}; it must be an array of names.`, { hint: 'Write positionals: ["file"].' });
}

function checkFlags(what: string, options: unknown, hasPositionals: boolean): Readonly<Record<string, EntrypointOption>> {
  if (!isPlainObject(options)) throw new InvalidError(`${what}: options is ${showValue(options)}; it must be an object of flags, or a Standard Schema.`);
  const shorts = new Map<string, string>();
  for (const [flag, option] of Object.entries(options)) {
    const where = `${what}: option "${flag}"`;
    if (!FLAG.test(flag)) throw new InvalidError(`${where} can't be a flag: letters, digits, dashes and underscores, beginning with a letter.`);
    if (flag === "positionals" && hasPositionals) throw new InvalidError(`${where} would hide the positional arguments.`, { hint: "Give the flag another name." });
    if (!isPlainObject(option)) throw new InvalidError(`${where} is ${showValue(option)}; it must be an object such as { type: "string" }.`);
    checkOptionNames(where, option, { known: ["type", "short", "multiple", "default", "description"], renamed: { alias: "short", help: "description" } });
    if (!TYPES.includes(option["type"])) throw new InvalidError(`${where}: type is ${showValue(option["type"])}; it must be "string", "boolean" or "number".`);
    if (option["multiple"] !== undefined) checkBoolean(where, "multiple", option["multiple"]);
    checkShort(where, flag, option["short"], shorts);
    if (option["default"] !== undefined) checkFlagValue(where, option as unknown as EntrypointOption, option["default"]);
  }
  return options as Readonly<Record<string, EntrypointOption>>;
}

function checkShort(where: string, flag: string, short: unknown, shorts: Map<string, string>): void {
  if (short === undefined) return;
  if (typeof short !== "string" || !/^[a-zA-Z0-9]$/.test(short)) throw new InvalidError(`${where}: short is ${showValue(short)}; it must be one letter or digit.`);
  const other = shorts.get(short);
  if (other !== undefined) throw new InvalidError(`${where}: short is ${showValue(short)}, which "${other}" has already.`);
  shorts.set(short, flag);
}

function checkFlagValue(where: string, option: EntrypointOption, value: unknown): unknown {
  if (option.multiple === true) {
    if (Array.isArray(value) && value.every((each) => isOfType(option, each))) return value;
    throw new InvalidError(`${where} is ${showValue(value)}; it must be an array of ${option.type}s.`);
  }
  if (isOfType(option, value)) return value;
  throw new InvalidError(`${where} is ${showValue(value)}; it must be a ${option.type}.`);
}

function isOfType(option: EntrypointOption, value: unknown): boolean {
  return typeof value === option.type && !Number.isNaN(value);
}

function fillIn(spec: EntrypointSpec, values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const what = `Local entrypoint "${spec.name}"`;
  const options = spec.options ?? {};
  const { positionals, ...flags } = spec.positionals === null ? { ...values, positionals: undefined } : values;
  checkOptionNames(what, flags, { known: Object.keys(options) });
  const argument: Record<string, unknown> = {};
  for (const [flag, option] of Object.entries(options)) {
    const value = flags[flag] ?? option.default;
    argument[flag] = value === undefined ? undefined : checkFlagValue(`${what}: ${flag}`, option, value);
  }
  if (spec.positionals !== null) argument["positionals"] = positionals ?? [];
  return argument;
}

async function validate(spec: EntrypointSpec, schema: StandardSchema, values: Readonly<Record<string, unknown>>): Promise<unknown> {
  const { positionals, ...flags } = values;
  const result = await schema["~standard"].validate(spec.positionals === null ? values : flags);
  if (result.issues !== undefined) {
    const issues = result.issues.map((issue) => {
      const path = (issue.path ?? []).map((part) => String(typeof part === "object" ? part.key : part)).join(".");
      return path === "" ? issue.message : `${path}: ${issue.message}`;
    });
    throw new InvalidError(`Local entrypoint "${spec.name}": ${issues.join("; ")}.`);
  }
  return spec.positionals === null ? result.value : { ...(result.value as object), positionals: positionals ?? [] };
}
