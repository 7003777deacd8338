import type { FunctionSpec } from "../../../model/function-spec.ts";

/** As many inputs are prefetched by a container as it works off in about this time. */
const PREFETCH_MICROSECONDS = 1_000;
const PREFETCH_MAX = 64;
/** What one input costs the process that hands it out. */
const HANDLING_MICROSECONDS = 10;
const FIRST_START_DELAY_MS = 100;
const START_DELAY_MAX_MS = 30_000;

/** What a pool knows when it decides how many containers to start. */
export interface PoolLoad {
  /** Jobs that no container has. */
  readonly waiting: number;
  /** Containers of any state. */
  readonly containers: number;
  readonly starting: number;
  /** Containers that could take a job at once. */
  readonly idle: number;
  /** Containers that work jobs off one after the other. */
  readonly flowing: number;
  /** Whether any container has a job. */
  readonly active: boolean;
  /** Free slots of the machine; below 0 when more run than there should. */
  readonly freeSlots: number;
  /** Slots that one container of this Function holds. */
  readonly weight: number;
  /** What a body took lately; `Infinity` before the first. */
  readonly bodyMicroseconds: number;
  /** Whether containers may start that no input waits for: not shortly after a start has failed. */
  readonly mayWarm: boolean;
}

/** How many jobs a container may hold, the running one included. */
export function jobsPerContainer(spec: FunctionSpec, bodyMicroseconds: number, writesNatively: boolean): number {
  if (spec.singleUseContainers || spec.kind === "generator" || writesNatively) return 1;
  return Math.max(1, Math.min(PREFETCH_MAX, Math.floor(PREFETCH_MICROSECONDS / bodyMicroseconds)));
}

/** How many containers one process can keep busy: handing a job over and taking its result costs it time too. */
export function usefulContainers(bodyMicroseconds: number): number {
  return 1 + Math.floor(bodyMicroseconds / HANDLING_MICROSECONDS);
}

/** How many containers to start now. */
export function containersToStart(spec: FunctionSpec, load: PoolLoad): number {
  const room = Math.min(Math.floor(load.freeSlots / load.weight), usefulContainers(load.bodyMicroseconds) - load.flowing);
  const forJobs = Math.min(load.waiting, Math.max(0, room));
  const buffer = load.mayWarm && (load.active || load.waiting > 0) ? spec.bufferContainers : 0;
  const missing = load.mayWarm ? spec.minContainers - load.containers : 0;
  const wanted = Math.max(forJobs + buffer - load.starting - load.idle, missing, 0);
  return spec.maxContainers === null ? wanted : Math.max(0, Math.min(wanted, spec.maxContainers - load.containers));
}

/** How many idle containers stay however long they have been idle. */
export function idleToKeep(spec: FunctionSpec, active: boolean): number {
  return spec.minContainers + (active ? spec.bufferContainers : 0);
}

/** How long no container is started that no input waits for, after so many failed starts in a row. */
export function startDelayMs(failedStarts: number): number {
  return failedStarts === 0 ? 0 : Math.min(START_DELAY_MAX_MS, FIRST_START_DELAY_MS * 2 ** (failedStarts - 1));
}
