import type { EncodedError } from "../model/encoded.ts";
import { FunctionTimeoutError, InternalFailure } from "../model/errors.ts";
import type { FunctionSpec } from "../model/function-spec.ts";
import type { AttemptResult } from "../model/outcome.ts";
import type { EventSink } from "../ports/events.ts";
import type { ContainerInit } from "../runtime/container-init.ts";
import { CANCEL_GRACE_MS } from "../runtime/loop.ts";
import { encodeError } from "../wire/error-codec.ts";
import type { FrameType } from "../wire/frame.ts";
import { Container, type LineOrigin } from "./container.ts";
import type { Job } from "./job.ts";
import { residentMiB } from "./memory.ts";
import { slotsOf, type Slots } from "./slots.ts";
import type { WorkerExit, WorkerProcess } from "./worker-process.ts";

/** How long an input may wait inside a container before it must not start there any more. */
const LEASE_MS = 25;
/** How much later the pool takes it back: far longer than a process that looks at its clock sleeps before it acts. */
const TAKE_BACK_MS = 125;
/** As many inputs are handed to a container ahead as it works off in about this time. */
const AHEAD_MICROSECONDS = 1_000;
const AHEAD_MAX = 64;
/** What one input costs the process that hands it out. */
const HANDLING_MICROSECONDS = 10;
/** A body that blocks its process can't time out by itself; this much later the process is ended. */
const TIMEOUT_GRACE_MS = 250;
const RETIRE_GRACE_MS = 1_000;
const SWEEP_MS = 50;
/** Memory is looked at on every so many sweeps. */
const SWEEPS_PER_MEMORY_CHECK = 5;
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
  #pending: Job[] = [];
  #pendingHead = 0;
  #sweep: NodeJS.Timeout | null = null;
  #bodyMicroseconds = Number.POSITIVE_INFINITY;
  #writesNatively = false;
  #failedStarts = 0;
  #checks = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#weight = slotsOf(options.spec.cpu, options.slots.limit);
    options.slots.onFree(() => this.#pump());
    for (let i = 0; i < options.spec.minContainers; i++) this.#start();
  }

  get containers(): ReadonlySet<Container> {
    return this.#containers;
  }

  submit(job: Job): void {
    this.#pending.push(job);
    this.#pump();
    this.#watch();
  }

  /** Ends an attempt early; it settles as cancelled. */
  cancel(job: Job, reason: EncodedError): void {
    job.cancelled = reason;
    job.cancelledAtMs = Date.now();
    for (const container of this.#containers) {
      if (container.jobs.get(job.seq) === job) {
        container.cancel(job);
        return;
      }
    }
    const at = this.#pending.indexOf(job, this.#pendingHead);
    if (at < 0) return;
    this.#pending.splice(at, 1);
    job.settle({ status: "cancelled", error: reason });
  }

  /** Ends the container that runs an attempt. */
  endContainerOf(job: Job): void {
    for (const container of this.#containers) if (container.jobs.get(job.seq) === job) container.end("terminated with a cancelled call");
  }

  giveCredit(job: Job, count: number): void {
    for (const container of this.#containers) if (container.jobs.get(job.seq) === job) container.giveCredit(job, count);
  }

  /** An input of this container began (or ended) to wait for a remote call. */
  onWait(container: Container, inputId: string | undefined, delta: 1 | -1): void {
    for (const job of container.jobs.values()) {
      if (job.envelope.inputId !== inputId) continue;
      job.waits += delta;
      if (container.waiting) container.recallWaiting();
      this.#balanceSlot(container);
      return;
    }
  }

  /** Ends every container; what they had settles as cancelled by whoever owns the jobs. */
  close(): Promise<unknown> {
    this.#closed = true;
    if (this.#sweep !== null) clearInterval(this.#sweep);
    this.#pending = [];
    this.#pendingHead = 0;
    const gone = [...this.#containers].map((container) => container.process.gone);
    for (const container of this.#containers) container.end("the App's run has ended");
    return Promise.all(gone);
  }

  get #waitingJobs(): number {
    return this.#pending.length - this.#pendingHead;
  }

  #pump(): void {
    if (this.#closed) return;
    while (this.#waitingJobs > 0) {
      const target = this.#pickContainer();
      if (target === null) break;
      const job = this.#pending[this.#pendingHead] as Job;
      this.#pending[this.#pendingHead++] = undefined as unknown as Job;
      if (this.#pendingHead > 1_024 && this.#pendingHead * 2 > this.#pending.length) {
        this.#pending = this.#pending.slice(this.#pendingHead);
        this.#pendingHead = 0;
      }
      target.send(job, target.jobs.size === 0 ? 0 : Date.now() + LEASE_MS);
      this.#balanceSlot(target);
    }
    this.#scale();
  }

  /** An idle container while the machine has room, else one that will be through with its work in a moment. */
  #pickContainer(): Container | null {
    const ahead = this.#ahead();
    const now = Date.now();
    let idle: Container | null = null;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state !== "ready") continue;
      const has = container.jobs.size;
      if (has === 0) idle ??= container;
      else if (this.#isFlowing(container, now)) {
        if (has < ahead) return container;
        flowing++;
      }
    }
    return idle !== null && this.#options.slots.free >= this.#weight && flowing < this.#useful ? idle : null;
  }

  /** Whether it works inputs off one after the other: it does not wait, and the one at hand is fresh. */
  #isFlowing(container: Container, now: number): boolean {
    const { head } = container;
    return container.state === "ready" && head !== null && head.waits === 0 && now - head.headSinceMs < LEASE_MS;
  }

  /** How many containers this process can keep busy: handing an input over and taking its result costs it time too. */
  get #useful(): number {
    return 1 + Math.floor(this.#bodyMicroseconds / HANDLING_MICROSECONDS);
  }

  /** How many jobs a container may hold. */
  #ahead(): number {
    const { spec } = this.#options;
    if (spec.singleUseContainers || spec.kind === "generator" || this.#writesNatively) return 1;
    return Math.max(1, Math.min(AHEAD_MAX, Math.floor(AHEAD_MICROSECONDS / this.#bodyMicroseconds)));
  }

  #scale(): void {
    const { spec, slots } = this.#options;
    const now = Date.now();
    let starting = 0;
    let idle = 0;
    let active = false;
    let flowing = 0;
    for (const container of this.#containers) {
      if (container.state === "starting") starting++;
      else if (container.state === "ready" && container.jobs.size === 0) idle++;
      if (container.jobs.size > 0) active = true;
      if (this.#isFlowing(container, now)) flowing++;
    }
    const buffer = active || this.#waitingJobs > 0 ? spec.bufferContainers : 0;
    const room = Math.max(0, Math.min(Math.floor(slots.free / this.#weight), this.#useful - flowing));
    const forInputs = Math.min(this.#waitingJobs, room) + buffer - starting - idle;
    const wanted = Math.max(forInputs, spec.minContainers - this.#containers.size);
    for (let i = 0; i < wanted && this.#mayStart(); i++) this.#start();
  }

  #mayStart(): boolean {
    const { maxContainers } = this.#options.spec;
    return maxContainers === null || this.#containers.size < maxContainers;
  }

  #start(): void {
    const { app, spec, init } = this.#options;
    const container = new Container(
      this.#options.startWorker(spec),
      init,
      spec,
      {
        onReady: (ready) => {
          ready.idleSinceMs = Date.now();
          this.#failedStarts = 0;
          this.#options.onEvent({ code: "CONTAINER_STARTED", app, fn: spec.name, container: ready.id });
          this.#pump();
        },
        onInitFailed: (failed, error) => {
          failed.end("its start-up failed");
          this.#failWaiting({ status: "failed", error });
        },
        onResult: (from, job, result, microseconds) => this.#onResult(from, job, result, microseconds),
        onReturned: (from, job) => {
          this.#balanceSlot(from);
          this.#requeue([job]);
        },
        // What its body still does has a moment to end by itself.
        onRetire: (from, reason) => this.#retire(from, reason, RETIRE_GRACE_MS),
        onLine: (from, stream, text, origin, native) => this.#onLine(from, stream, text, origin, native),
        onExit: (gone, exit, left) => this.#onExit(gone, exit, left),
      },
      this.#options.onRequest,
    );
    this.#containers.add(container);
    this.#watch();
  }

  #onResult(container: Container, job: Job, result: AttemptResult, microseconds: number): void {
    this.#bodyMicroseconds =
      this.#bodyMicroseconds === Number.POSITIVE_INFINITY ? microseconds : this.#bodyMicroseconds * 0.9 + microseconds * 0.1;
    if (container.jobs.size === 0) container.idleSinceMs = Date.now();
    this.#balanceSlot(container);
    if (this.#options.spec.singleUseContainers) this.#retire(container, "it serves one input only", 0);
    job.settle(result);
    this.#pump();
  }

  #onExit(container: Container, exit: WorkerExit, left: readonly Job[]): void {
    this.#containers.delete(container);
    this.#balanceSlot(container);
    this.#options.onGone(container);
    const { app, spec, onEvent } = this.#options;
    const reason =
      container.endReason ?? (exit.signal === null ? `it ended with exit code ${exit.code}` : `it was killed by ${exit.signal}`);
    onEvent({ code: "CONTAINER_ENDED", app, fn: spec.name, container: container.id, reason });
    // A container works in order: only the first of its jobs can have started.
    const [first, ...unstarted] = left;
    this.#requeue(unstarted);
    first?.settle(first.cancelled === null ? { status: "lost", reason } : { status: "cancelled", error: first.cancelled });
    const byItself = container.endReason === null && exit.signal !== "SIGKILL";
    if (!container.wasReady && byItself && ++this.#failedStarts >= FAILED_STARTS_MAX) {
      this.#failedStarts = 0;
      const error = new InternalFailure(
        `${FAILED_STARTS_MAX} containers of Function "${spec.name}" ended one after the other while they started; the last: ${reason}`,
        {
          hint: "look for native code that crashes while the module loads",
        },
      );
      this.#failWaiting({ status: "failed", error: encodeError(error) });
    }
    this.#pump();
  }

  #retire(container: Container, reason: string, graceMs: number): void {
    container.state = "retiring";
    if (graceMs === 0) container.end(reason);
    else setTimeout(() => container.end(reason), graceMs);
    this.#pump();
  }

  #requeue(jobs: readonly Job[]): void {
    if (jobs.length === 0) return;
    const wanted = jobs.filter((job) => job.cancelled === null);
    // There is room before the head as long as something has been taken from it.
    const start = Math.max(0, this.#pendingHead - wanted.length);
    this.#pending.splice(start, this.#pendingHead - start, ...wanted);
    this.#pendingHead = start;
    for (const job of jobs) if (job.cancelled !== null) job.settle({ status: "cancelled", error: job.cancelled });
    queueMicrotask(() => this.#pump());
  }

  #failWaiting(result: AttemptResult): void {
    const waiting = this.#pending.slice(this.#pendingHead);
    this.#pending = [];
    this.#pendingHead = 0;
    for (const job of waiting) job.settle(result);
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

  #watch(): void {
    this.#sweep ??= setInterval(() => this.#check(), SWEEP_MS).unref();
  }

  /** What no message tells: blocked bodies, stalled queues, memory, idleness. */
  #check(): void {
    const now = Date.now();
    const { spec } = this.#options;
    this.#checks++;
    for (const container of this.#containers) {
      const head = container.head;
      if (container.state === "starting" && now - container.startedAtMs > spec.startupTimeoutMs) this.#startedTooLate(container);
      if (head === null) continue;
      if (head.headSinceMs > 0 && now - head.headSinceMs > spec.timeoutMs + TIMEOUT_GRACE_MS) this.#timedOut(container, head);
      if (head.cancelled !== null && now - head.cancelledAtMs > CANCEL_GRACE_MS + TIMEOUT_GRACE_MS)
        container.end("a cancelled input blocked it");
      const stalled = [...container.jobs.values()].filter(
        (job) => job !== head && job.startBeforeMs > 0 && now > job.startBeforeMs + TAKE_BACK_MS - LEASE_MS,
      );
      for (const job of stalled) container.takeBack(job);
      this.#requeue(stalled);
      const rss = this.#checks % SWEEPS_PER_MEMORY_CHECK === 0 ? residentMiB(container.process.pid) : null;
      if (rss !== null && rss > spec.memoryMiB) container.end(`its memory of ${Math.round(rss)} MiB is over memoryMiB ${spec.memoryMiB}`);
    }
    this.#endIdle(now);
    if (this.#containers.size === 0 && this.#waitingJobs === 0 && this.#sweep !== null) {
      clearInterval(this.#sweep);
      this.#sweep = null;
    }
  }

  #timedOut(container: Container, head: Job): void {
    container.takeBack(head);
    const { spec } = this.#options;
    const error = new FunctionTimeoutError(
      `Function "${spec.name}" ran longer than its timeoutMs of ${spec.timeoutMs.toLocaleString("en")} ms and blocked its process (attempt ${head.envelope.attempt})`,
      {
        hint: "give it a larger timeoutMs, or less work per call",
      },
    );
    // Nothing behind it can have started.
    const unstarted = [...container.jobs.values()];
    for (const job of unstarted) container.takeBack(job);
    this.#requeue(unstarted);
    container.end("an input blocked it past its timeoutMs");
    head.settle({ status: "timed-out", error: encodeError(error) });
  }

  #startedTooLate(container: Container): void {
    const { spec } = this.#options;
    container.end(`it did not start within startupTimeoutMs`);
    const error = new FunctionTimeoutError(
      `Function "${spec.name}" did not start within its startupTimeoutMs of ${spec.startupTimeoutMs.toLocaleString("en")} ms`,
      {
        hint: "give it a larger startupTimeoutMs, or do less while its module loads",
      },
    );
    this.#failWaiting({ status: "timed-out", error: encodeError(error) });
  }

  #endIdle(now: number): void {
    const { spec } = this.#options;
    const active = [...this.#containers].some((container) => container.jobs.size > 0);
    let keep = spec.minContainers + (active ? spec.bufferContainers : 0);
    for (const container of this.#containers) {
      if (container.state !== "ready" || container.jobs.size > 0) continue;
      if (keep-- > 0) continue;
      if (now - container.idleSinceMs > spec.scaledownWindowMs) container.end("it was idle for its scaledownWindowMs");
    }
  }
}
