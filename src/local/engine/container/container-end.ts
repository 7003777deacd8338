import { ProcessExitError } from "../../../model/errors.ts";
import type { AttemptResult } from "../../../model/outcome.ts";
import { encodeError } from "../../../wire/error-codec.ts";
import type { WorkerExit } from "../../workers/worker-process.ts";
import type { Job } from "../job.ts";
import type { WorkerContainer } from "./worker-container.ts";

/** Why a container has ended, in words. */
export function describeEnd(container: WorkerContainer, exit: WorkerExit): string {
  if (container.endReason !== null) return container.endReason;
  if (exit.error !== null) return exit.error.message;
  return exit.signal === null ? `it ended with exit code ${exit.code}` : `it was killed by ${exit.signal}`;
}

/** The result of the job that a container was running when it ended; `reason` is why it ended. */
export function lastResult(container: WorkerContainer, exit: WorkerExit, job: Job, reason: string): AttemptResult {
  if (job.cancelled !== null) return { status: "cancelled", error: job.cancelled };
  // It ended by itself, and its last words did not arrive.
  if (exit.code !== null && container.endReason === null && container.retireReason === null) {
    const error = new ProcessExitError(`User code ended the process with exit code ${exit.code}.`, { exitCode: exit.code });
    return { status: "failed", error: encodeError(error) };
  }
  return { status: "lost", reason };
}
