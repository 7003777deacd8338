// Stands where the twin would be loaded: a container on Lambda holds none of it.
import { ExecutionError } from "../model/errors.ts";

const refuse = (): Promise<never> =>
  Promise.reject(
    new ExecutionError("A container on Lambda has no local world.", { hint: 'Leave out `backend: "local"` in code that runs on AWS.' }),
  );

/** Refuses. */
export const connectLocal = refuse;
/** Refuses. */
export const runLocal = refuse;
