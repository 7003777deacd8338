import { ProcessExitError } from "../model/errors.ts";
import { inputContext } from "../context/context.ts";
import type { RunningInput } from "./input.ts";

/** What a container does about faults outside a body's own promise. */
export interface FaultHandlers {
  /** User code ends the process. What this sends must be out when it returns. When it throws, the process goes on. */
  readonly onExit: (error: ProcessExitError, input: RunningInput | undefined) => void;
  /** An exception or rejection that was not caught. `input` is the one whose code it came from. */
  readonly onUncaught: (error: unknown, input: RunningInput | undefined) => void;
}

/** Catches `process.exit`, uncaught exceptions and unhandled rejections, and says which input each belongs to. */
export function catchFaults(handlers: FaultHandlers): void {
  const exit = process.exit.bind(process);
  process.exit = (code?: number | string | null): never => {
    const exitCode = Number(code ?? process.exitCode ?? 0);
    const error = new ProcessExitError(`User code ended the process with process.exit(${exitCode}).`, {
      exitCode,
      hint: "Return or throw instead: the container serves other inputs too.",
    });
    handlers.onExit(error, inputContext.getStore() as RunningInput | undefined);
    return exit(exitCode);
  };
  process.on("uncaughtException", (error) => handlers.onUncaught(error, inputContext.getStore() as RunningInput | undefined));
  process.on("unhandledRejection", (reason) => handlers.onUncaught(reason, inputContext.getStore() as RunningInput | undefined));
}
