import type { StandardSchemaV1 } from "@standard-schema/spec";
import type { EntrypointOption } from "../../model/manifest.ts";

/** The flags of an entrypoint, by name. */
export type EntrypointOptions = Readonly<Record<string, EntrypointOption>>;

/** What a local entrypoint may say. */
export interface EntrypointParams<
  O extends EntrypointOptions | StandardSchemaV1 = EntrypointOptions | StandardSchemaV1,
  P extends readonly string[] = readonly string[],
> {
  /** @default "main" */
  readonly name?: string | undefined;
  /**
   * Its flags, in the words of `util.parseArgs` (`type`, `short`, `multiple`, `default`) plus `"number"` and
   * `description`; or a Standard Schema (zod, valibot) of the flags' values. @default {}
   */
  readonly options?: O | undefined;
  /**
   * Names of the positional arguments, for the help. With it the argument has `positionals: string[]`, which a schema
   * gets as a field of that name. @default - none are taken
   */
  readonly positionals?: P | undefined;
}

/** The flags of an entrypoint that declares none. */
export type NoOptions = Record<never, never>;

/** The argument that an entrypoint's function gets: what the schema gives, or the flags and the positionals. */
export type EntrypointArgument<O, P> =
  O extends StandardSchemaV1<infer _Input, infer Output>
    ? Output
    : Flatten<{ -readonly [K in keyof O]: OptionValue<O[K]> } & (P extends readonly [] ? unknown : { positionals: string[] })>;

/** What one flag gives: `undefined` when it has no default and is left out. */
export type OptionValue<O> = O extends { readonly multiple: true } ? WithDefault<O, Single<O>[]> : WithDefault<O, Single<O>>;

// --- Internal helpers ---

type Single<O> = O extends { readonly type: "string" }
  ? string
  : O extends { readonly type: "number" }
    ? number
    : O extends { readonly type: "boolean" }
      ? boolean
      : never;
type WithDefault<O, T> = O extends { readonly default: string | number | boolean | readonly unknown[] } ? T : T | undefined;
type Flatten<T> = { [K in keyof T]: T[K] } & {};
