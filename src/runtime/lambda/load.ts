import { join } from "node:path";
import { InvalidError } from "../../model/errors.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { LambdaEnvironment } from "./environment.ts";
import { loadApp } from "../load.ts";

/** The Function that a container on Lambda runs. */
export interface LoadedFunction {
  readonly spec: FunctionSpec;
  readonly body: (...args: unknown[]) => unknown;
}

/** Imports the App beside the runtime and gives the Function. Rejects with whatever the module throws. */
export async function loadFunction(settings: LambdaEnvironment, appFile = join(settings.taskRoot, "app.mjs")): Promise<LoadedFunction> {
  const { declaredApp: name, version, container, environment, fn } = settings;
  // Files that travel with the App lie beside it, so its folder is where its sources seem to be.
  const bundle = { appFile, sourceRoot: settings.taskRoot };
  const app = await loadApp({ app: name, version, container, environment, env: {}, bundle, fn: null });
  const handle = app.functions.get(fn);
  if (handle === undefined)
    throw new InvalidError(`App "${name}" declares no Function "${fn}" when its module is loaded in a container`, {
      hint: "declare it at module level, not behind a condition",
    });
  return { spec: handle.spec, body: handle.local as (...args: unknown[]) => unknown };
}
