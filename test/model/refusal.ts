import { InvalidError } from "../../src/model/errors.ts";

/** The refusal of something wrong as a user reads it; throws when nothing was refused, or by another error. */
export function refusal(attempt: () => unknown): { readonly message: string; readonly hint: string | undefined } {
  try {
    attempt();
  } catch (error) {
    if (error instanceof InvalidError) return { message: error.message, hint: error.hint };
    throw error;
  }
  throw new TypeError("Nothing was refused.");
}
