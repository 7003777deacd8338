// Stands in the place of src/sdk/entrypoint/local-entrypoint.ts: entrypoints run in the command, and what a module declares
// was checked when its App was deployed.
import { ExecutionError } from "../../../model/errors.ts";
import type { EntrypointSpec } from "../../../model/manifest.ts";
import type { EntrypointParams } from "../../../sdk/entrypoint/entrypoint-types.ts";
import type { Replacement } from "./replacement.ts";

/** An entrypoint that can't be run. */
export class LocalEntrypoint<A = unknown> {
  readonly name: string;
  readonly spec: EntrypointSpec;
  readonly schema: undefined;
  readonly handler: (argument: A) => unknown;

  protected constructor(name: string, handler: (argument: A) => unknown) {
    this.name = name;
    this.spec = { name, positionals: null };
    this.schema = undefined;
    this.handler = handler;
  }

  /** As it was declared. */
  static declare<A>(params: EntrypointParams | undefined, fn: ((argument: A) => unknown) | undefined): LocalEntrypoint<A> {
    return new LocalEntrypoint<A>(params?.name ?? "main", fn as (argument: A) => unknown);
  }

  /** Refuses. */
  run(): Promise<never> {
    return Promise.reject(
      new ExecutionError(`Entrypoint "${this.name}" can't run inside a container.`, { hint: "Run it with `tenon run`." }),
    );
  }
}

/** Checked against what it stands for. */
export default { LocalEntrypoint } satisfies Replacement<typeof import("../../../sdk/entrypoint/local-entrypoint.ts")>;
