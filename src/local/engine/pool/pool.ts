import type { ServedBackend } from "../../../channel/server.ts";
import type { FunctionSpec } from "../../../model/function-spec.ts";
import type { AttemptResult } from "../../../model/outcome.ts";
import type { EventSink } from "../../../ports/events.ts";
import type { ContainerInit } from "../../../runtime/process/container-init.ts";
import type { WorkerExit, WorkerProcess } from "../../workers/worker-process.ts";
import { describeEnd, lastResult } from "../container/container-end.ts";
import type { ContainerEvents } from "../container/container-events.ts";
import type { ContainerLine } from "../container/container-line.ts";
import { WorkerContainer } from "../container/worker-container.ts";
import type { Job, JobPlace } from "../job.ts";
import { FailedStarts } from "./failed-starts.ts";
import { Fleet } from "./fleet.ts";
import { LEASE_MS } from "./health.ts";
import { inspect } from "./inspection.ts";
import { JobQueue } from "./job-queue.ts";
import { Pace } from "./pace.ts";
import { PoolLog } from "./pool-log.ts";
import type { Slots } from "./slots.ts";
import { createSweep, type Sweep } from "./sweep.ts";

/** What a pool works with. */
export interface PoolParams {
  readonly app: string;
  readonly spec: FunctionSpec;
  readonly init: Omit<ContainerInit, "container">;
  readonly slots: Slots;
  readonly startWorker: (spec: FunctionSpec) => WorkerProcess;
  /** Makes what answers a container's requests; `onWait` is told of each that waits for a call, as `ServeObserver` says. */
  readonly serve: (container: WorkerContainer, onWait: (inputId: string | undefined) => () => void) => ServedBackend;
  readonly onEvent: EventSink;
}

/** The jobs of one Function and the containers that work them off. */
export class Pool implements JobPlace {
  readonly #spec: FunctionSpec;
  readonly #waiting: JobQueue = new JobQueue();
  readonly #pace: Pace = new Pace();
  readonly #failedStarts: FailedStarts;
  readonly #fleet: Fleet;
  readonly #sweep: Sweep;
  readonly #log: PoolLog;
  #closed = false;

  constructor(params: PoolParams) {
    const { app, spec, init, slots, onEvent } = params;
    this.#spec = spec;
    this.#log = new PoolLog({ app, fn: spec.name, version: init.version, onEvent });
    this.#failedStarts = new FailedStarts(spec.name);
    const events = this.#events();
    const serve = (container: WorkerContainer): ServedBackend => params.serve(container, (inputId) => container.waitOf(inputId));
    const start = (): WorkerContainer => new WorkerContainer({ worker: params.startWorker(spec), init, events, serve });
    this.#fleet = new Fleet({ spec, slots, pace: this.#pace, failedStarts: this.#failedStarts, start });
    this.#sweep = createSweep({
      onSweep: (nowMs, withMemory) => this.#check(nowMs, withMemory),
      isDone: () => this.#fleet.size === 0 && this.#waiting.size === 0 && spec.minContainers === 0,
    });
    slots.onFree(() => this.#pump());
    this.#scale();
  }

  submit(job: Job): void {
    this.#waiting.push(job);
    this.#pump();
    this.#sweep.start();
  }

  cancel(job: Job): void {
    const container = this.#fleet.of(job);
    if (container !== undefined) container.cancel(job);
    else if (this.#waiting.remove(job)) job.settleCancelled();
  }

  giveCredit(job: Job, count: number): void {
    this.#fleet.of(job)?.giveCredit(job, count);
  }

  /** Ends the container that runs a job; one in which it only waits runs something else. */
  endContainerOf(job: Job): void {
    const container = this.#fleet.of(job);
    if (container?.jobs.head === job) container.end("terminated with a cancelled call");
  }

  /** Ends every container. The engine settles their jobs as cancelled. */
  close(): Promise<unknown> {
    this.#closed = true;
    this.#sweep.stop();
    this.#waiting.removeAll();
    return this.#fleet.endAll("the App's run has ended");
  }

  #pump(): void {
    if (this.#closed) return;
    while (this.#waiting.size > 0) {
      const container = this.#fleet.pick();
      if (container === null) break;
      container.send(this.#waiting.shift(), container.jobs.size === 0 ? 0 : Date.now() + LEASE_MS);
      this.#fleet.balance(container);
    }
    this.#scale();
  }

  #scale(): void {
    if (this.#closed) return;
    const before = this.#fleet.size;
    this.#fleet.scale(this.#waiting.size);
    if (this.#fleet.size > before) this.#sweep.start();
  }

  #events(): ContainerEvents<WorkerContainer> {
    return {
      onReady: (container) => this.#onReady(container),
      onInitFailed: (container, error) => {
        container.end("its start-up failed");
        this.#failWaiting({ status: "failed", error });
      },
      onResult: (container, job, result, microseconds) => this.#onResult(container, job, result, microseconds),
      onReturned: (container, job) => {
        this.#fleet.balance(container);
        this.#requeue([job]);
        container.endIfRetired();
      },
      onRetire: (container) => {
        container.endIfRetired();
        this.#pump();
      },
      onLine: (container, line) => this.#onLine(container, line),
      onExit: (container, exit, left) => this.#onExit(container, exit, left),
      onWaitChange: (container) => {
        if (container.isWaiting) container.recallWaiting();
        this.#fleet.balance(container);
      },
    };
  }

  #onReady(container: WorkerContainer): void {
    container.idleSinceMs = Date.now();
    this.#failedStarts.clear();
    this.#log.started(container.id);
    this.#pump();
  }

  #onResult(container: WorkerContainer, job: Job, result: AttemptResult, microseconds: number): void {
    this.#pace.add(microseconds);
    if (container.jobs.size === 0) container.idleSinceMs = Date.now();
    if (this.#spec.singleUseContainers) container.end("it serves one input only");
    this.#fleet.balance(container);
    container.endIfRetired();
    this.#log.attempt(container.id, job.envelope, result);
    job.settle(result);
    this.#pump();
  }

  #onExit(container: WorkerContainer, exit: WorkerExit, left: readonly Job[]): void {
    const reason = describeEnd(container, exit);
    this.#fleet.remove(container);
    this.#log.ended(container.id, reason);
    // A container works in order: only the first of its jobs can have started.
    const [first, ...unstarted] = left;
    this.#requeue(unstarted);
    first?.settle(lastResult(container, exit, first, reason));
    const failure = container.wasReady ? null : this.#failedStarts.add(container, exit, reason);
    if (failure !== null) this.#failWaiting(failure);
    this.#pump();
  }

  #onLine(container: WorkerContainer, line: ContainerLine): void {
    // Lines past the runtime do not say which input wrote them, so from now on there is only one at a time.
    if (line.native) this.#pace.writesNatively = true;
    this.#log.line(container.id, line);
  }

  #requeue(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    this.#waiting.unshift(jobs.filter((job) => job.cancelled === null));
    for (const job of jobs) if (job.cancelled !== null) job.settleCancelled();
    queueMicrotask(() => this.#pump());
  }

  #failWaiting(result: AttemptResult): void {
    for (const job of this.#waiting.removeAll()) job.settle(result);
  }

  #check(nowMs: number, withMemory: boolean): void {
    const line = {
      requeue: (jobs: readonly Job[]) => this.#requeue(jobs),
      failWaiting: (result: AttemptResult) => this.#failWaiting(result),
    };
    for (const container of this.#fleet) inspect(container, this.#spec, line, nowMs, withMemory);
    this.#fleet.endIdle(nowMs);
    if (this.#fleet.size < this.#spec.minContainers) this.#scale();
  }
}
