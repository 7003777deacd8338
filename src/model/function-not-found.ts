import { nearest } from "../util/nearest.ts";
import { NotFoundError } from "./errors.ts";
import type { FunctionRef } from "./function-spec.ts";

/** What is known where a Function was looked for in vain. */
export interface MissingFunction {
  /** The Functions that the App has; absent where nobody can list them. */
  readonly known?: Iterable<string> | undefined;
  /** The place, such as `environment "dev" on AWS`. */
  readonly where?: string | undefined;
  /** What to do when no known name is near: a sentence that begins with a verb. @default "Check the name." */
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The error of a Function that its App does not have. */
export function functionNotFound({ app, name }: FunctionRef, details: MissingFunction = {}): NotFoundError {
  const known = details.known === undefined ? undefined : [...details.known];
  const place = details.where === undefined ? "" : ` in ${details.where}`;
  const list = known === undefined ? "" : ` It has ${known.length === 0 ? "no Function" : known.join(", ")}.`;
  const near = nearest(name, known ?? []);
  const hint = near === undefined ? (details.hint ?? "Check the name.") : `Write "${near}" if that is the one you mean.`;
  return new NotFoundError(`App "${app}" has no Function "${name}"${place}.${list}`, { hint, cause: details.cause });
}
