import { InternalFailure } from "../../../model/errors.ts";
import type { AttemptResult } from "../../../model/outcome.ts";
import { encodeError } from "../../../wire/error-codec.ts";
import type { WorkerExit } from "../../workers/worker-process.ts";
import type { WorkerContainer } from "../container/worker-container.ts";
import { startDelayMs } from "./scaling.ts";

/** Containers that may die while starting, one after the other, before the inputs that wait for them fail. */
const FAILED_STARTS_MAX = 20;

/** The starts of a Function's containers that failed, one after the other. */
export class FailedStarts {
  readonly #fn: string;
  #count = 0;
  #warmAgainAtMs = 0;

  constructor(fn: string) {
    this.#fn = fn;
  }

  /** A container has started. */
  clear(): void {
    this.#count = 0;
  }

  /** Whether containers may start that no input waits for: not shortly after a start has failed. */
  mayWarm(nowMs: number): boolean {
    return nowMs >= this.#warmAgainAtMs;
  }

  /** Counts a container that ended before it was ready. Gives the result of the inputs that wait for one; `null` while they go on waiting. */
  add(container: WorkerContainer, exit: WorkerExit, reason: string): AttemptResult | null {
    // One that was killed from outside says nothing about the next.
    if (container.endReason === null && exit.signal === "SIGKILL") return null;
    this.#count++;
    this.#warmAgainAtMs = Date.now() + startDelayMs(this.#count);
    if (container.endReason !== null) return null;
    if (exit.error === null && this.#count % FAILED_STARTS_MAX !== 0) return null;
    return { status: "failed", error: encodeError(exit.error === null ? this.#crashing(reason) : this.#impossible(reason)) };
  }

  #crashing(reason: string): InternalFailure {
    return new InternalFailure(
      `${FAILED_STARTS_MAX} containers of Function "${this.#fn}" ended one after the other while they started. The last one: ${reason}.`,
      { hint: "Look for native code that crashes while the module loads." },
    );
  }

  #impossible(reason: string): InternalFailure {
    return new InternalFailure(`No container of Function "${this.#fn}" can be started: ${reason}.`, {
      hint: "Look at the limits of this machine on processes and open files, and whether the folder is there.",
    });
  }
}
