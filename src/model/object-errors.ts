import { AlreadyExistsError, NotFoundError } from "./errors.ts";
import type { ObjectKindName } from "./object-kinds.ts";

/** Nobody has made an object of this name, or it has been deleted. */
export function unknownObject(kind: ObjectKindName, name: string, environment: string): NotFoundError {
  return new NotFoundError(`${kind} "${name}" does not exist in environment "${environment}".`, {
    hint: `Write ${kind}.fromName("${name}", { createIfMissing: true }), or run \`tenon ${kind.toLowerCase()} create ${name}\`.`,
  });
}

/** The very object that a handle has used is gone, whether or not there is a new one of its name. */
export function deletedObject(kind: ObjectKindName, ref: { readonly name: string; readonly id: string }): NotFoundError {
  const isEphemeral = ref.name.startsWith("~");
  const what = isEphemeral ? `The ephemeral ${kind} ${ref.id}` : `${kind} "${ref.name}" (${ref.id})`;
  return new NotFoundError(`${what} has been deleted.`, {
    hint: isEphemeral ? "Use it before it is closed." : `Make a new handle with ${kind}.fromName.`,
  });
}

/** There is an object of this name. */
export function existingObject(kind: ObjectKindName, name: string, environment: string): AlreadyExistsError {
  return new AlreadyExistsError(`${kind} "${name}" exists in environment "${environment}" already.`, {
    hint: "Pass { allowExisting: true } to use the one that is there.",
  });
}
