import { ExecutionError } from "../model/errors.ts";
import type { Backend } from "../ports/backend.ts";
import type { AppRun, ConnectParams, RunParams } from "../ports/worlds.ts";

/** Connects to the local world. */
export function connectLocal(_params: ConnectParams): Promise<Backend> {
  return Promise.reject(new ExecutionError("The local world is not there yet."));
}

/** Runs an App in the local world. */
export function runLocal(_params: RunParams): Promise<AppRun> {
  return Promise.reject(new ExecutionError("The local world is not there yet."));
}
