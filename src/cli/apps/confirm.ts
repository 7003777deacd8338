import type { CommandContext } from "../kit/command.ts";
import { EXIT, UsageError } from "../kit/failures.ts";

/** Something that is done only after the user has agreed. */
export interface Confirmation {
  /** What is to be done, and where: `stop the App "shop" of environment "dev" on this machine`. */
  readonly act: string;
  /** A sentence: what it means. */
  readonly effect: string;
  /** What to do where no question can be asked; a sentence. */
  readonly hint: string;
}

/**
 * Asks whether to do something that `--yes` allows without a question. `false`: the answer was no.
 *
 * Rejects with `UsageError` where no question can be asked.
 */
export async function confirm(
  { io, globals }: CommandContext,
  yes: boolean,
  describe: () => Confirmation | Promise<Confirmation>,
): Promise<boolean> {
  if (yes) return true;
  const { act, effect, hint } = await describe();
  const answer = globals.json ? null : await io.ask(`${act[0]?.toUpperCase()}${act.slice(1)}? ${effect} [y/N] `);
  if (answer === null) throw new UsageError(`Not confirmed, and no question can be asked here: ${act}. ${effect}`, { hint });
  return /^y(es)?$/i.test(answer.trim());
}

/** The exit code of a command whose question was answered with no. */
export function declined({ io }: CommandContext, text: string): number {
  io.err.write(`${text}\n`);
  return EXIT.failure;
}
