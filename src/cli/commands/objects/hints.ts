import { AlreadyExistsError, NotFoundError } from "../../../model/errors.ts";
import type { Backend } from "../../../ports/backend.ts";
import type { CommandContext } from "../../kit/command.ts";
import { commandText } from "../../kit/command-text.ts";
import type { ObjectKind } from "./kind.ts";

/** An object that a command works on. */
export interface HintParams {
  readonly kind: Pick<ObjectKind, "noun">;
  readonly backend: Pick<Backend, "kind">;
  readonly name: string;
}

/** What is said of an object that is not there: how to make it, and how to see those that there are. */
export function missingHint(context: CommandContext, params: HintParams): string {
  return `Run ${objectCommand(context, params, "create")} to make it, or ${listCommand(context, params)} to see what there is.`;
}

/** What is said when the object to delete is not there. */
export function nothingToDeleteHint(context: CommandContext, params: HintParams): string {
  return `Run ${listCommand(context, params)} to see what there is, or ${objectCommand(context, params, "delete", ["--allow-missing"])} where it may be missing.`;
}

/** What is said when the object to create is there. */
export function existingHint(context: CommandContext, params: HintParams): string {
  return `Run ${objectCommand(context, params, "create", ["--allow-existing"])} to use the one that is there.`;
}

/** A command on the object as it can be typed: `tenon dict items --local seen`. */
export function objectCommand(
  context: CommandContext,
  { kind, backend, name }: HintParams,
  verb: string,
  flags: readonly string[] = [],
): string {
  return commandText(context, { command: `${kind.noun} ${verb}`, backend: backend.kind, words: [...flags, name] });
}

/** Gives the error of an object that is missing, or is there already, a hint for the command line instead of one for a program. */
export async function withHint<T>(work: Promise<T>, hint: () => string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof NotFoundError) throw new NotFoundError(error.message, { hint: hint(), cause: error });
    if (error instanceof AlreadyExistsError) throw new AlreadyExistsError(error.message, { hint: hint(), cause: error });
    throw error;
  }
}

// --- Internal helpers ---

function listCommand(context: CommandContext, { kind, backend }: HintParams): string {
  return commandText(context, { command: `${kind.noun} list`, backend: backend.kind });
}
