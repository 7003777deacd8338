import { EXIT } from "./failures.ts";

/** Something that must end before the process does. */
export interface Closable {
  close(): Promise<unknown>;
  /** Ends it at once, without waiting: for a second Ctrl-C. */
  kill?(): void;
}

/** The early end of a command: by Ctrl-C, by SIGTERM, by a reader that went away. */
export interface Interruption {
  /** Aborts at the first request to stop. */
  readonly signal: AbortSignal;
  /** Has something closed when the command is stopped; the returned function forgets it. */
  hold(closable: Closable): () => void;
  /** Asks for the end: closes what is held, then exits with the code. A second request exits at once. */
  stop(exitCode: number, notice?: string): void;
}

/** What an interruption does to the process; tests replace it. */
export interface InterruptionParams {
  exit(code: number): void;
  say(text: string): void;
}

/** Closes what is held in reverse order at the first stop, kills it at the second. */
export function createInterruption(params: InterruptionParams): Interruption {
  const held = new Set<Closable>();
  const controller = new AbortController();
  let stopping = false;
  return {
    signal: controller.signal,
    hold(closable) {
      held.add(closable);
      // The stop came while it was being made: it ends as soon as it exists.
      if (stopping) void closable.close().catch(() => {});
      return () => held.delete(closable);
    },
    stop(exitCode, notice) {
      if (stopping) {
        for (const closable of held) closable.kill?.();
        return params.exit(exitCode);
      }
      stopping = true;
      if (notice !== undefined) params.say(notice);
      controller.abort();
      void Promise.allSettled([...held].reverse().map((closable) => closable.close())).then(() => params.exit(exitCode));
    },
  };
}

/** What is said at the first stop: for people, or as an event for programs. */
export function stopLine(text: string, json: boolean): string {
  return json ? JSON.stringify({ event: "STOPPING", message: text }) : text;
}

/** Ctrl-C ends with 130, SIGTERM with 143, a closed terminal with 129. */
export function listenForSignals(interruption: Interruption): void {
  const notice = "stopping… (press Ctrl-C again to stop at once)";
  process.on("SIGINT", () => interruption.stop(EXIT.interrupted, notice));
  process.on("SIGTERM", () => interruption.stop(EXIT.terminated, notice));
  process.on("SIGHUP", () => interruption.stop(129));
}
