import type { FunctionSpec } from "../../../model/function-spec.ts";
import { startedTooLate } from "../../../runtime/errors.ts";
import { FunctionTimeoutError } from "../../../model/errors.ts";
import { CANCEL_GRACE_MS } from "../../../runtime/loop.ts";
import { showNumber } from "../../../util/show-value.ts";
import type { WorkerContainer } from "../container/worker-container.ts";
import type { Job } from "../job.ts";
import { residentMiB } from "../../workers/memory.ts";

/** How long an input may wait inside a container before it must not start there any more. */
export const LEASE_MS = 25;
/** How much later the pool recovers it: far longer than a process that looks at its clock sleeps before it acts. */
const RECOVER_AFTER_MS = 100;
/** A body that blocks its process can't time out by itself; this much later the process is ended. */
const BLOCKED_GRACE_MS = 250;

/** What is wrong with a container that does not say so itself. */
export type Fault =
  | { readonly kind: "started-too-late"; readonly error: FunctionTimeoutError }
  | { readonly kind: "timed-out"; readonly job: Job; readonly error: FunctionTimeoutError }
  | { readonly kind: "unfit"; readonly reason: string };

/** What is wrong with this container now, if anything. */
export function findFault(container: WorkerContainer, spec: FunctionSpec, nowMs: number, withMemory: boolean): Fault | null {
  if (container.state === "starting") {
    return nowMs - container.startedAtMs > spec.startupTimeoutMs
      ? { kind: "started-too-late", error: startedTooLate(spec.name, spec.startupTimeoutMs) }
      : null;
  }
  const { head } = container.jobs;
  if (head === null) return null;
  if (head.headSinceMs > 0 && nowMs - head.headSinceMs > spec.timeoutMs + BLOCKED_GRACE_MS)
    return { kind: "timed-out", job: head, error: blocked(spec, head) };
  if (head.cancelled !== null && nowMs - head.cancelledAtMs > CANCEL_GRACE_MS + BLOCKED_GRACE_MS)
    return { kind: "unfit", reason: "a cancelled input blocked it" };
  const rss = withMemory ? residentMiB(container.process.pid) : null;
  if (rss !== null && rss > spec.memoryMiB)
    return { kind: "unfit", reason: `its memory of ${Math.round(rss)} MiB is over memoryMiB ${spec.memoryMiB}` };
  return null;
}

/** Jobs that wait behind a body that blocks, long after they should have started. */
export function stalledJobs(container: WorkerContainer, nowMs: number): readonly Job[] {
  if (container.jobs.size < 2) return [];
  const { head } = container.jobs;
  return container.jobs.all().filter((job) => job !== head && job.startBeforeMs > 0 && nowMs > job.startBeforeMs + RECOVER_AFTER_MS);
}

/** Whether it works jobs off one after the other: it does not wait, and the one at hand is fresh. */
export function isFlowing(container: WorkerContainer, nowMs: number): boolean {
  if (container.state !== "ready") return false;
  const { head } = container.jobs;
  return head !== null && head.waits === 0 && nowMs - head.headSinceMs < LEASE_MS;
}

// --- Internal helpers ---

function blocked(spec: FunctionSpec, job: Job): FunctionTimeoutError {
  return new FunctionTimeoutError(
    `Function "${spec.name}" ran longer than its timeoutMs of ${showNumber(spec.timeoutMs)} ms and blocked its process (attempt ${job.envelope.attempt}).`,
    { hint: "Give it a larger timeoutMs, or less work per call." },
  );
}
