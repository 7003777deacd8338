import { NotFoundError } from "./errors.ts";
import type { FunctionRef } from "./function-spec.ts";

/** The App is there, the Function is not; `known` are the names of those that it has, `hint` is what to do. */
export function missingFunction(ref: FunctionRef, known: readonly string[], hint = "Check the name."): NotFoundError {
  return new NotFoundError(`App "${ref.app}" has no Function "${ref.name}". It has ${known.length === 0 ? "none" : known.join(", ")}.`, {
    hint,
  });
}
