import type { FunctionSpec } from "../../../model/function-spec.ts";
import type { WorkerContainer } from "../container/worker-container.ts";
import type { Job } from "../job.ts";
import type { FailedStarts } from "./failed-starts.ts";
import { isFlowing } from "./health.ts";
import type { Pace } from "./pace.ts";
import { containersToStart, idleToKeep, jobsPerContainer, type PoolLoad, usefulContainers } from "./scaling.ts";
import { type Slots, slotsOf } from "./slots.ts";

/** What a fleet goes by. */
export interface FleetParams {
  readonly spec: FunctionSpec;
  readonly slots: Slots;
  readonly pace: Pace;
  readonly failedStarts: FailedStarts;
  readonly start: () => WorkerContainer;
}

/** The containers of one Function. It says which of them gets the next job, starts those that are missing and ends idle ones. */
export class Fleet {
  readonly #params: FleetParams;
  /** Slots that one container holds while it works. */
  readonly #weight: number;
  readonly #containers: Set<WorkerContainer> = new Set();

  constructor(params: FleetParams) {
    this.#params = params;
    this.#weight = slotsOf(params.spec.cpu, params.slots.limit);
  }

  get size(): number {
    return this.#containers.size;
  }

  [Symbol.iterator](): Iterator<WorkerContainer> {
    return this.#containers.values();
  }

  /** The container that has a job; `undefined` when none has. */
  of(job: Job): WorkerContainer | undefined {
    for (const container of this.#containers) if (container.jobs.has(job)) return container;
    return undefined;
  }

  /** Forgets a container that is gone. */
  remove(container: WorkerContainer): void {
    this.#containers.delete(container);
    this.balance(container);
  }

  /** Lets a container hold slots while it works and does not merely wait. */
  balance(container: WorkerContainer): void {
    const needs = container.state !== "gone" && container.jobs.size > 0 && !container.isWaiting;
    if (needs === container.holdsSlot) return;
    container.holdsSlot = needs;
    if (needs) this.#params.slots.acquire(this.#weight);
    else this.#params.slots.release(this.#weight);
  }

  /** An idle container while the machine has room, else one that will be through with its work in a moment. */
  pick(): WorkerContainer | null {
    const { spec, slots, pace } = this.#params;
    const most = jobsPerContainer(spec, pace.bodyMicroseconds, pace.writesNatively);
    const nowMs = Date.now();
    let idle: WorkerContainer | null = null;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state !== "ready") continue;
      const has = container.jobs.size;
      if (has === 0) {
        if (this.#isFree(container)) idle ??= container;
      } else if (isFlowing(container, nowMs)) {
        if (has < most) return container;
        flowing++;
      }
    }
    return idle !== null && slots.free >= this.#weight && flowing < usefulContainers(pace.bodyMicroseconds) ? idle : null;
  }

  /** Starts as many containers as are missing while so many jobs wait. */
  scale(waiting: number): void {
    const { spec, start } = this.#params;
    const count = containersToStart(spec, this.#load(waiting));
    for (let i = 0; i < count; i++) this.#containers.add(start());
  }

  /** Ends the containers that have been idle for too long. */
  endIdle(nowMs: number): void {
    const { spec } = this.#params;
    let keep = idleToKeep(
      spec,
      [...this.#containers].some((container) => container.jobs.size > 0),
    );
    for (const container of this.#containers) {
      if (!this.#isFree(container) || keep-- > 0) continue;
      if (nowMs - container.idleSinceMs > spec.scaledownWindowMs) container.end("it was idle for its scaledownWindowMs");
    }
  }

  /** Ends all, and resolves when they are gone. */
  endAll(reason: string): Promise<unknown> {
    const gone = [...this.#containers].map((container) => container.process.gone);
    for (const container of this.#containers) container.end(reason);
    return Promise.all(gone);
  }

  /** Whether it could take a job at once. */
  #isFree(container: WorkerContainer): boolean {
    // Its first result may have come without having settled.
    return (
      container.state === "ready" && container.jobs.size === 0 && !(this.#params.spec.singleUseContainers && container.jobs.received > 0)
    );
  }

  #load(waiting: number): PoolLoad {
    const { slots, pace, failedStarts } = this.#params;
    const nowMs = Date.now();
    let starting = 0;
    let idle = 0;
    let active = false;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state === "starting") starting++;
      else if (this.#isFree(container)) idle++;
      if (container.jobs.size > 0) active = true;
      if (isFlowing(container, nowMs)) flowing++;
    }
    // Each field is written out: this runs for each result, and an object spread would take longer than all the rest.
    return {
      waiting,
      containers: this.#containers.size,
      starting,
      idle,
      flowing,
      active,
      freeSlots: slots.free,
      weight: this.#weight,
      bodyMicroseconds: pace.bodyMicroseconds,
      mayWarm: failedStarts.mayWarm(nowMs),
    };
  }
}
