import type { CommandContext } from "../kit/command.ts";
import { UserFailure } from "../kit/failures.ts";
import { renderError } from "../render/render-error.ts";

/**
 * Ends the command as a failure of the user's code when that code throws outside of everything that is awaited. The returned
 * function ends the watch.
 */
export function endOnStrayErrors(context: CommandContext, mapStack: (stack: string) => string): () => void {
  const fail = (error: unknown): void => {
    // While calls are being cancelled, rejections are what was asked for.
    if (context.interruption.signal.aborted) return;
    context.interruption.stop(renderError(context.io, new UserFailure(error, mapStack), context.globals));
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  return () => {
    process.off("uncaughtException", fail);
    process.off("unhandledRejection", fail);
  };
}
