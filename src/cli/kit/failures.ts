import { InvalidError } from "../../model/errors.ts";

/** The exit codes of the command. */
export const EXIT = { ok: 0, failure: 1, usage: 2, interrupted: 130, terminated: 143 } as const;

/** The command was typed wrongly: an unknown flag, a missing file, several candidates. Exit code 2. */
export class UsageError extends InvalidError {
  override readonly code: string = "USAGE";
}

/** Wraps what the user's own code threw, so that it is told apart from faults of Tenon. Exit code 1. */
export class UserFailure extends InvalidError {
  override readonly code: string = "USER_CODE";
  /** What was thrown; any value. */
  readonly thrown: unknown;
  /** Turns a stack of the bundle into one of the user's files. */
  readonly mapStack: (stack: string) => string;

  constructor(thrown: unknown, mapStack: (stack: string) => string = (stack) => stack) {
    super("The user's code failed.", { cause: thrown });
    this.thrown = thrown;
    this.mapStack = mapStack;
  }
}
