// Stands in the place of src/sdk/app-run.ts: an App is never started inside a container.
import { ExecutionError } from "../../../model/errors.ts";
import type { AppManifest } from "../../../model/manifest.ts";
import type { Replacement } from "./replacement.ts";

/** Refuses. */
export class AppRun {
  static start({ name }: AppManifest): Promise<never> {
    return Promise.reject(
      new ExecutionError(`App "${name}" is started inside a container.`, { hint: "Call its Functions, which run already." }),
    );
  }
}

/** Checked against what it stands for. */
export default { AppRun } satisfies Replacement<typeof import("../../../sdk/app-run.ts")>;
