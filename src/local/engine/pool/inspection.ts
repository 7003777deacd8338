import type { FunctionSpec } from "../../../model/function-spec.ts";
import type { AttemptResult } from "../../../model/outcome.ts";
import { encodeError } from "../../../wire/error-codec.ts";
import type { WorkerContainer } from "../container/worker-container.ts";
import type { Job } from "../job.ts";
import { type Fault, findFault, stalledJobs } from "./health.ts";

/** Where the jobs go that a container can't work off. */
export interface InspectedLine {
  requeue(jobs: readonly Job[]): void;
  failWaiting(result: AttemptResult): void;
}

/** Ends a container, or recovers its jobs, for what it can't report itself: a blocked body, stalled jobs, too much memory, a slow start. */
export function inspect(container: WorkerContainer, spec: FunctionSpec, line: InspectedLine, nowMs: number, withMemory: boolean): void {
  const fault = findFault(container, spec, nowMs, withMemory);
  if (fault !== null) endFor(fault, container, line);
  const stalled = stalledJobs(container, nowMs);
  for (const job of stalled) container.recover(job);
  line.requeue(stalled);
}

// --- Internal helpers ---

function endFor(fault: Fault, container: WorkerContainer, line: InspectedLine): void {
  switch (fault.kind) {
    case "unfit":
      return container.end(fault.reason);
    case "started-too-late":
      container.end("it did not start within startupTimeoutMs");
      return line.failWaiting({ status: "timed-out", error: encodeError(fault.error) });
    case "timed-out": {
      container.end("an input blocked it past its timeoutMs");
      // Nothing behind it can have started.
      const [, ...unstarted] = container.recoverAll();
      line.requeue(unstarted);
      return fault.job.settle({ status: "timed-out", error: encodeError(fault.error) });
    }
  }
}
