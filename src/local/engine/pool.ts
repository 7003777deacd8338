import type { EncodedError } from "../../model/encoded.ts";
import { InternalFailure, ProcessExitError } from "../../model/errors.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { EventSink } from "../../ports/events.ts";
import type { ContainerInit } from "../../runtime/process/container-init.ts";
import { encodeError } from "../../wire/error-codec.ts";
import type { FrameType } from "../../wire/frame.ts";
import { Container, type ContainerEvents, type LineOrigin } from "./container.ts";
import type { Job } from "./job.ts";
import { JobQueue } from "./job-queue.ts";
import { createSweep, findFault, LEASE_MS, stalledJobs, type Fault, type Sweep } from "./pool-health.ts";
import { containersToStart, idleToKeep, jobsPerContainer, startDelayMs, usefulContainers } from "./scaling.ts";
import { slotsOf, type Slots } from "./slots.ts";
import type { WorkerExit, WorkerProcess } from "../workers/worker-process.ts";

/** What a body that goes on after its result may still do before its process is ended. */
const RETIRE_GRACE_MS = 1_000;
/** Containers that may die while starting, one after the other, before the inputs that wait for them fail. */
const FAILED_STARTS_MAX = 20;

/** What a pool works with. */
export interface PoolOptions {
  readonly app: string;
  readonly spec: FunctionSpec;
  readonly init: Omit<ContainerInit, "container">;
  readonly slots: Slots;
  readonly startWorker: (spec: FunctionSpec) => WorkerProcess;
  readonly onRequest: (container: Container, type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]) => void;
  readonly onGone: (container: Container) => void;
  readonly onEvent: EventSink;
}

/** The containers of one Function: started when inputs wait, ended when they have been idle. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #weight: number;
  readonly #containers: Set<Container> = new Set();
  readonly #waiting: JobQueue = new JobQueue();
  readonly #sweep: Sweep;
  readonly #events: ContainerEvents;
  #bodyMicroseconds = Number.POSITIVE_INFINITY;
  #writesNatively = false;
  #failedStarts = 0;
  #warmAgainAtMs = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#weight = slotsOf(options.spec.cpu, options.slots.limit);
    this.#sweep = createSweep({
      onSweep: (nowMs, withMemory) => this.#check(nowMs, withMemory),
      isDone: () => this.#containers.size === 0 && this.#waiting.size === 0 && options.spec.minContainers === 0,
    });
    this.#events = {
      onReady: (container) => this.#onReady(container),
      onInitFailed: (container, error) => {
        container.end("its start-up failed");
        this.#failWaiting({ status: "failed", error });
      },
      onResult: (container, job, result, microseconds) => this.#onResult(container, job, result, microseconds),
      onReturned: (container, job) => {
        this.#balanceSlot(container);
        this.#requeue([job]);
        this.#endRetired(container);
      },
      onRetire: (container) => {
        this.#endRetired(container);
        this.#pump();
      },
      onLine: (container, stream, text, origin, native) => this.#onLine(container, stream, text, origin, native),
      onExit: (container, exit, left) => this.#onExit(container, exit, left),
      onWaitChange: (container) => {
        if (container.waiting) container.recallWaiting();
        this.#balanceSlot(container);
      },
    };
    options.slots.onFree(() => this.#pump());
    this.#scale();
  }

  submit(job: Job): void {
    this.#waiting.push(job);
    this.#pump();
    this.#sweep.start();
  }

  /** Ends an attempt early; it settles as cancelled. */
  cancel(job: Job, reason: EncodedError): void {
    job.cancelled = reason;
    job.cancelledAtMs = Date.now();
    const container = this.#containerOf(job);
    if (container !== undefined) container.cancel(job);
    else if (this.#waiting.remove(job)) job.settle({ status: "cancelled", error: reason });
  }

  /** Ends the container that runs an attempt; one in which it only waits runs something else. */
  endContainerOf(job: Job): void {
    const container = this.#containerOf(job);
    if (container?.head === job) container.end("terminated with a cancelled call");
  }

  giveCredit(job: Job, count: number): void {
    this.#containerOf(job)?.giveCredit(job, count);
  }

  /** An input of this container began to wait for a call; what it gives back ends that. */
  wait(container: Container, inputId: string | undefined): () => void {
    for (const job of container.jobs.values()) if (job.envelope.inputId === inputId) return container.wait(job);
    return () => undefined;
  }

  /** Ends every container; what they had settles as cancelled by whoever owns the jobs. */
  close(): Promise<unknown> {
    this.#closed = true;
    this.#sweep.stop();
    this.#waiting.takeAll();
    const gone = [...this.#containers].map((container) => container.process.gone);
    for (const container of this.#containers) container.end("the App's run has ended");
    return Promise.all(gone);
  }

  #containerOf(job: Job): Container | undefined {
    for (const container of this.#containers) if (container.jobs.get(job.seq) === job) return container;
    return undefined;
  }

  #pump(): void {
    if (this.#closed) return;
    while (this.#waiting.size > 0) {
      const target = this.#pickContainer();
      if (target === null) break;
      const job = this.#waiting.shift();
      target.send(job, target.jobs.size === 0 ? 0 : Date.now() + LEASE_MS);
      this.#balanceSlot(target);
    }
    this.#scale();
  }

  /** An idle container while the machine has room, else one that will be through with its work in a moment. */
  #pickContainer(): Container | null {
    const most = jobsPerContainer(this.#options.spec, this.#bodyMicroseconds, this.#writesNatively);
    const now = Date.now();
    let idle: Container | null = null;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state !== "ready") continue;
      const has = container.jobs.size;
      if (has === 0) {
        if (this.#isFree(container)) idle ??= container;
      } else if (isFlowing(container, now)) {
        if (has < most) return container;
        flowing++;
      }
    }
    return idle !== null && this.#options.slots.free >= this.#weight && flowing < usefulContainers(this.#bodyMicroseconds) ? idle : null;
  }

  /** Whether it could take a job at once. */
  #isFree(container: Container): boolean {
    // Its first result may have come without having settled.
    return container.state === "ready" && container.jobs.size === 0 && !(this.#options.spec.singleUseContainers && container.taken > 0);
  }

  #scale(): void {
    if (this.#closed) return;
    const { spec, slots } = this.#options;
    const now = Date.now();
    let starting = 0;
    let idle = 0;
    let active = false;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state === "starting") starting++;
      else if (this.#isFree(container)) idle++;
      if (container.jobs.size > 0) active = true;
      if (isFlowing(container, now)) flowing++;
    }
    const count = containersToStart(spec, {
      waiting: this.#waiting.size,
      containers: this.#containers.size,
      starting,
      idle,
      flowing,
      active,
      freeSlots: slots.free,
      weight: this.#weight,
      bodyMicroseconds: this.#bodyMicroseconds,
      mayWarm: now >= this.#warmAgainAtMs,
    });
    for (let i = 0; i < count; i++) this.#start();
  }

  #start(): void {
    const { spec, init } = this.#options;
    this.#containers.add(new Container(this.#options.startWorker(spec), init, spec, this.#events, this.#options.onRequest));
    this.#sweep.start();
  }

  #onReady(container: Container): void {
    container.idleSinceMs = Date.now();
    this.#failedStarts = 0;
    const { app, spec, onEvent } = this.#options;
    onEvent({ code: "CONTAINER_STARTED", app, fn: spec.name, container: container.id });
    this.#pump();
  }

  #onResult(container: Container, job: Job, result: AttemptResult, microseconds: number): void {
    this.#bodyMicroseconds =
      this.#bodyMicroseconds === Number.POSITIVE_INFINITY ? microseconds : this.#bodyMicroseconds * 0.9 + microseconds * 0.1;
    if (container.jobs.size === 0) container.idleSinceMs = Date.now();
    if (this.#options.spec.singleUseContainers) container.end("it serves one input only");
    this.#balanceSlot(container);
    this.#endRetired(container);
    job.settle(result);
    this.#pump();
  }

  #onExit(container: Container, exit: WorkerExit, left: readonly Job[]): void {
    this.#containers.delete(container);
    this.#balanceSlot(container);
    this.#options.onGone(container);
    const { app, spec, onEvent } = this.#options;
    const reason = container.endReason ?? describeExit(exit);
    onEvent({ code: "CONTAINER_ENDED", app, fn: spec.name, container: container.id, reason });
    // A container works in order: only the first of its jobs can have started.
    const [first, ...unstarted] = left;
    this.#requeue(unstarted);
    first?.settle(lastResult(container, exit, first, reason));
    if (!container.wasReady) this.#onFailedStart(container, exit, reason);
    this.#pump();
  }

  #onFailedStart(container: Container, exit: WorkerExit, reason: string): void {
    // One that was killed from outside says nothing about the next.
    if (container.endReason === null && exit.signal === "SIGKILL") return;
    this.#failedStarts++;
    this.#warmAgainAtMs = Date.now() + startDelayMs(this.#failedStarts);
    if (container.endReason !== null) return;
    if (exit.error === null && this.#failedStarts % FAILED_STARTS_MAX !== 0) return;
    const { name } = this.#options.spec;
    const error =
      exit.error === null
        ? new InternalFailure(
            `${FAILED_STARTS_MAX} containers of Function "${name}" ended one after the other while they started; the last: ${reason}`,
            { hint: "look for native code that crashes while the module loads" },
          )
        : new InternalFailure(`no container of Function "${name}" can be started: ${reason}`, {
            hint: "look at the limits of this machine on processes and open files, and whether the folder is there",
          });
    this.#failWaiting({ status: "failed", error: encodeError(error) });
  }

  /** One that takes nothing more ends when it has nothing left; what its last body still does has a moment. */
  #endRetired(container: Container): void {
    const reason = container.retireReason;
    if (reason === null || container.jobs.size > 0) return;
    // Until it has ended, it keeps the process alive itself.
    setTimeout(() => container.end(reason), RETIRE_GRACE_MS).unref();
  }

  #requeue(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    this.#waiting.unshift(jobs.filter((job) => job.cancelled === null));
    for (const job of jobs) if (job.cancelled !== null) job.settle({ status: "cancelled", error: job.cancelled });
    queueMicrotask(() => this.#pump());
  }

  #failWaiting(result: AttemptResult): void {
    for (const job of this.#waiting.takeAll()) job.settle(result);
  }

  #onLine(container: Container, stream: "stdout" | "stderr", text: string, origin: LineOrigin | null, native: boolean): void {
    // Past the runtime nobody says which input wrote: from now on there is only one at a time.
    if (native) this.#writesNatively = true;
    const { app, spec, init, onEvent } = this.#options;
    onEvent({
      code: "LOG",
      record: { t: Date.now(), stream, text, app, fn: spec.name, ...origin, container: container.id, version: init.version },
    });
  }

  /** A container holds a slot while it works and does not merely wait. */
  #balanceSlot(container: Container): void {
    const needs = container.state !== "gone" && container.jobs.size > 0 && !container.waiting;
    if (needs === container.holdsSlot) return;
    container.holdsSlot = needs;
    if (needs) this.#options.slots.take(this.#weight);
    else this.#options.slots.give(this.#weight);
  }

  /** What no message tells: blocked bodies, stalled queues, memory, idleness, containers that are missing. */
  #check(nowMs: number, withMemory: boolean): void {
    const { spec } = this.#options;
    let active = false;
    for (const container of this.#containers) {
      if (container.jobs.size > 0) active = true;
      const fault = findFault(container, spec, nowMs, withMemory);
      if (fault !== null) this.#onFault(container, fault);
      const stalled = stalledJobs(container, nowMs);
      for (const job of stalled) container.takeBack(job);
      this.#requeue(stalled);
    }
    let keep = idleToKeep(spec, active);
    for (const container of this.#containers) {
      if (!this.#isFree(container) || keep-- > 0) continue;
      if (nowMs - container.idleSinceMs > spec.scaledownWindowMs) container.end("it was idle for its scaledownWindowMs");
    }
    if (this.#containers.size < spec.minContainers) this.#scale();
  }

  #onFault(container: Container, fault: Fault): void {
    if (fault.kind === "unfit") {
      container.end(fault.reason);
      return;
    }
    if (fault.kind === "started-too-late") {
      container.end("it did not start within startupTimeoutMs");
      this.#failWaiting({ status: "timed-out", error: encodeError(fault.error) });
      return;
    }
    container.end("an input blocked it past its timeoutMs");
    container.takeBack(fault.job);
    // Nothing behind it can have started.
    const unstarted = [...container.jobs.values()];
    for (const job of unstarted) container.takeBack(job);
    this.#balanceSlot(container);
    this.#requeue(unstarted);
    fault.job.settle({ status: "timed-out", error: encodeError(fault.error) });
  }
}

// --- Internal helpers ---

/** Whether it works inputs off one after the other: it does not wait, and the one at hand is fresh. */
function isFlowing(container: Container, nowMs: number): boolean {
  const { head } = container;
  return container.state === "ready" && head !== null && head.waits === 0 && nowMs - head.headSinceMs < LEASE_MS;
}

function describeExit(exit: WorkerExit): string {
  if (exit.error !== null) return exit.error.message;
  return exit.signal === null ? `it ended with exit code ${exit.code}` : `it was killed by ${exit.signal}`;
}

/** How the job ended that a container had at hand when it went. */
function lastResult(container: Container, exit: WorkerExit, job: Job, reason: string): AttemptResult {
  if (job.cancelled !== null) return { status: "cancelled", error: job.cancelled };
  // It left by itself, and its last words did not come through.
  if (exit.code !== null && container.endReason === null && container.retireReason === null) {
    const error = new ProcessExitError(`user code ended the process with exit code ${exit.code}`, { exitCode: exit.code });
    return { status: "failed", error: encodeError(error) };
  }
  return { status: "lost", reason };
}
