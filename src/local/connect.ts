import { ExecutionError } from "../model/errors.ts";
import type { Backend } from "../ports/backend.ts";
import type { ConnectParams } from "../ports/worlds.ts";

/** The world of the Apps that are deployed on this machine. */
export function connectLocal(_params: ConnectParams): Promise<Backend> {
  return Promise.reject(new ExecutionError("no App is deployed on this machine"));
}
