// Stands where entrypoints are checked and Apps are started: neither happens in a container on Lambda. What its module
// declares was checked when it was deployed.
import { ExecutionError } from "../../model/errors.ts";
import type { EntrypointSpec } from "../../model/manifest.ts";

/** None here: what an entrypoint takes matters to the command only. */
export const isStandardSchema = (): boolean => false;

/** As it was declared. */
export const resolveEntrypoint = (params?: { readonly name?: string }): EntrypointSpec => ({
  name: params?.name ?? "main",
  positionals: null,
});

/** Refuses. */
export class AppRun {
  static start({ name }: { readonly name: string }): Promise<never> {
    return Promise.reject(
      new ExecutionError(`App "${name}" is started inside a container.`, { hint: "Call its Functions, which run already." }),
    );
  }
}
