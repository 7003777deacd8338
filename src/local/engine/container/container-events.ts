import type { EncodedError } from "../../../model/encoded.ts";
import type { AttemptResult } from "../../../model/outcome.ts";
import type { WorkerExit } from "../../workers/worker-process.ts";
import type { Job } from "../job.ts";
import type { ContainerLine } from "./container-line.ts";

/** What a container `C` tells its pool. */
export interface ContainerEvents<C> {
  onReady(container: C): void;
  onInitFailed(container: C, error: EncodedError): void;
  /** A job has its result; `microseconds` is what its body took. */
  onResult(container: C, job: Job, result: AttemptResult, microseconds: number): void;
  /** A job came back unstarted. */
  onReturned(container: C, job: Job): void;
  /** It accepts no more inputs and is about to end. */
  onRetire(container: C): void;
  onLine(container: C, line: ContainerLine): void;
  /** Gone; `left` are the jobs it still had, the first of which had started. */
  onExit(container: C, exit: WorkerExit, left: readonly Job[]): void;
  /** A job has begun or ended a wait, so its slot may be free for others. */
  onWaitChange(container: C): void;
}
