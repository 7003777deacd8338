import { NotFoundError, TenonError } from "../../../model/errors.ts";
import { checkName } from "../../../model/names.ts";
import type { Backend } from "../../../ports/backend.ts";
import type { NamedObjects, ObjectInfo, ObjectRef } from "../../../ports/named-objects.ts";
import { UsageError } from "../../kit/failures.ts";

/** A kind of named objects, as its commands know it. */
export interface ObjectKind {
  /** The word on the command line, such as `dict`. */
  readonly noun: string;
  /** The word in sentences, such as `Dict`. */
  readonly word: string;
  port(backend: Backend): NamedObjects;
  /** What `info` shows beside name, id, date and creator: words, and their values. */
  details?(backend: Backend, ref: ObjectRef): Promise<Readonly<Record<string, string | number>>>;
}

/** The name of an object as it was typed. Throws `UsageError` for a name that no object may have. */
export function checkObjectName({ word }: Pick<ObjectKind, "word">, typed: string): string {
  try {
    return checkName(word, typed);
  } catch (error) {
    if (!TenonError.is(error)) throw error;
    throw new UsageError(error.message, { hint: error.hint });
  }
}

/** An object as `--json` prints it. */
export function objectJson({ name, id, createdAtMs, createdBy }: ObjectInfo): object {
  return { name, id, createdAt: new Date(createdAtMs).toISOString(), createdBy };
}

/** For a `catch`: `undefined` in place of an object that is not there. */
export function unlessMissing(error: unknown): undefined {
  if (!(error instanceof NotFoundError)) throw error;
}
