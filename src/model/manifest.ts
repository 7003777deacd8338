import type { AwsSettings } from "./aws-settings.ts";
import type { BrakeInManifest } from "./brake.ts";
import type { FunctionSpec } from "./function-spec.ts";
import type { Permission } from "./permissions.ts";
import type { Reach } from "./reach.ts";

/** One flag of a local entrypoint, in the words of `util.parseArgs` with `number`, `description`. */
export interface EntrypointOption {
  readonly type: "string" | "boolean" | "number";
  readonly short?: string;
  readonly multiple?: boolean;
  readonly default?: string | number | boolean | readonly string[] | readonly number[];
  readonly description?: string;
}

/** A local entrypoint as declared; `options` is absent when a Standard Schema stands in its place. */
export interface EntrypointSpec {
  readonly name: string;
  readonly options?: Readonly<Record<string, EntrypointOption>>;
  /** Names of the positional arguments, in order, for the help; `null` when none are taken. */
  readonly positionals: readonly string[] | null;
}

/** What one App declares: pure data, written by the SDK, read by every backend. */
export interface AppManifest {
  readonly name: string;
  /** Of an App that runs under another name for a while: the name that its code declares. */
  readonly declaredName?: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Globs of files that travel with the code, relative to the nearest package.json. */
  readonly files: readonly string[];
  /** Packages that are not bundled but installed. */
  readonly external: readonly string[];
  /** How deep calls may nest before `CallDepthError`. */
  readonly maxCallDepth: number;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  /** Objects of the environment that its Functions may use, unless they name their own. A kind is absent when the App does not use it. */
  readonly objects?: Reach;
  /** What the code of all its Functions may do on AWS beside that; absent: nothing. */
  readonly permissions?: readonly Permission[];
  /** What it says of the containers of all its Functions together; absent: nothing. */
  readonly brake?: BrakeInManifest;
  /** Whether its containers on AWS emit metrics for each Function; absent: they do not. */
  readonly metrics?: true;
  /** What it says of its Functions on AWS; absent: nothing. */
  readonly aws?: AwsSettings;
  readonly entrypoints: Readonly<Record<string, EntrypointSpec>>;
}
