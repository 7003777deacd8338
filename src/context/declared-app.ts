import type { FunctionSpec } from "../model/function-spec.ts";
import type { AppManifest } from "../model/manifest.ts";
import type { ObjectUse } from "../model/object-use.ts";

/** A Function as the process that runs it sees it. */
export interface DeclaredFunction {
  readonly spec: FunctionSpec;
  /** The function as the user wrote it. */
  readonly local: (...args: never[]) => unknown;
}

/** A local entrypoint as the command that starts it sees it. */
export interface DeclaredEntrypoint {
  readonly name: string;
}

/** An App that this process has declared, as the layers below the SDK see it. */
export interface DeclaredApp {
  readonly name: string;
  /** Absolute path of the file that declares it; `null` when it is not known. */
  readonly entryFile: string | null;
  readonly functions: ReadonlyMap<string, DeclaredFunction>;
  readonly entrypoints: ReadonlyMap<string, DeclaredEntrypoint>;
  /** Itself and every App that it includes. */
  readonly parts: ReadonlySet<DeclaredApp>;
  /** What it says that it uses, by `uses` of its own and of its Functions. */
  readonly declaredUses: readonly ObjectUse[];
  /** What it declares, as pure data. */
  toManifest(): AppManifest;
}
