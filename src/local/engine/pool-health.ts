import type { FunctionSpec } from "../../model/function-spec.ts";
import { startedTooLate } from "../../runtime/errors.ts";
import { FunctionTimeoutError } from "../../model/errors.ts";
import { CANCEL_GRACE_MS } from "../../runtime/loop.ts";
import { showNumber } from "../../util/show-value.ts";
import type { Container } from "./container.ts";
import type { Job } from "./job.ts";
import { residentMiB } from "../workers/memory.ts";

/** How long an input may wait inside a container before it must not start there any more. */
export const LEASE_MS = 25;
/** How much later the pool takes it back: far longer than a process that looks at its clock sleeps before it acts. */
const TAKE_BACK_AFTER_MS = 100;
/** A body that blocks its process can't time out by itself; this much later the process is ended. */
const BLOCKED_GRACE_MS = 250;
const SWEEP_MS = 50;
/** Memory is looked at on every so many sweeps. */
const SWEEPS_PER_MEMORY_CHECK = 5;

/** What is wrong with a container that does not say so itself. */
export type Fault =
  | { readonly kind: "started-too-late"; readonly error: FunctionTimeoutError }
  | { readonly kind: "timed-out"; readonly job: Job; readonly error: FunctionTimeoutError }
  | { readonly kind: "unfit"; readonly reason: string };

/** What the sweep calls. */
export interface SweepHandlers {
  /** Looks at everything; `withMemory` on some sweeps only, since that reads a file for each container. */
  readonly onSweep: (nowMs: number, withMemory: boolean) => void;
  /** Whether there is nothing left to look at. */
  readonly isDone: () => boolean;
}

/** Looks at containers again and again while there are any. */
export interface Sweep {
  start(): void;
  stop(): void;
}

/** Makes a sweep; its timer keeps no process alive. */
export function createSweep(handlers: SweepHandlers): Sweep {
  let timer: NodeJS.Timeout | null = null;
  let sweeps = 0;
  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  return {
    start() {
      timer ??= setInterval(() => {
        handlers.onSweep(Date.now(), ++sweeps % SWEEPS_PER_MEMORY_CHECK === 0);
        if (handlers.isDone()) stop();
      }, SWEEP_MS).unref();
    },
    stop,
  };
}

/** What is wrong with this container now, if anything. */
export function findFault(container: Container, spec: FunctionSpec, nowMs: number, withMemory: boolean): Fault | null {
  if (container.state === "starting") {
    return nowMs - container.startedAtMs > spec.startupTimeoutMs
      ? { kind: "started-too-late", error: startedTooLate(spec.name, spec.startupTimeoutMs) }
      : null;
  }
  const { head } = container;
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
export function stalledJobs(container: Container, nowMs: number): readonly Job[] {
  if (container.jobs.size < 2) return [];
  const { head } = container;
  return [...container.jobs.values()].filter(
    (job) => job !== head && job.startBeforeMs > 0 && nowMs > job.startBeforeMs + TAKE_BACK_AFTER_MS,
  );
}

// --- Internal helpers ---

function blocked(spec: FunctionSpec, job: Job): FunctionTimeoutError {
  return new FunctionTimeoutError(
    `Function "${spec.name}" ran longer than its timeoutMs of ${showNumber(spec.timeoutMs)} ms and blocked its process (attempt ${job.envelope.attempt})`,
    { hint: "give it a larger timeoutMs, or less work per call" },
  );
}
