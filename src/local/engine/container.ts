import type { EncodedError } from "../../model/encoded.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import { newContainerId } from "../../model/ids.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { STREAM_WINDOW_ITEMS } from "../../ports/functions.ts";
import { decodeItem } from "../../wire/item.ts";
import type { ContainerInit } from "../../runtime/process/container-init.ts";
import { FrameType } from "../../wire/frame.ts";
import { encodeEnvelope } from "../../wire/envelope.ts";
import { decodeResult } from "../../wire/result.ts";
import type { Job } from "./job.ts";
import type { WorkerExit, WorkerProcess } from "../workers/worker-process.ts";

/** Which input wrote a line. */
export interface LineOrigin {
  readonly call: string;
  readonly input: string;
  readonly attempt: number;
}

/** What a container tells its pool. */
export interface ContainerEvents {
  onReady(container: Container): void;
  onInitFailed(container: Container, error: EncodedError): void;
  /** A job has its result; `microseconds` is what its body took. */
  onResult(container: Container, job: Job, result: AttemptResult, microseconds: number): void;
  /** A job came back unstarted. */
  onReturned(container: Container, job: Job): void;
  /** It takes nothing more and is about to end. */
  onRetire(container: Container, reason: string): void;
  onLine(container: Container, stream: "stdout" | "stderr", text: string, origin: LineOrigin | null, native: boolean): void;
  /** Gone; `left` are the jobs it still had, the first of which had started. */
  onExit(container: Container, exit: WorkerExit, left: readonly Job[]): void;
  /** A job began or ceased to wait: its slot may be free for others. */
  onWaitChange(container: Container): void;
}

/** A worker process that serves one Function, seen from the engine. */
export class Container {
  readonly id: string = newContainerId();
  readonly process: WorkerProcess;
  state: "starting" | "ready" | "retiring" | "gone" = "starting";
  readonly startedAtMs: number = Date.now();
  idleSinceMs: number = Date.now();
  /** Whether it holds a slot of the machine. */
  holdsSlot = false;
  /** Whether it ever got as far as taking inputs. */
  wasReady = false;
  /** Why the pool ended it, when it did. */
  endReason: string | null = null;
  /** Why it said that it takes nothing more, when it did. */
  retireReason: string | null = null;
  /** Jobs in the order they were handed over. */
  readonly jobs: Map<number, Job> = new Map();
  #lastSeq = 0;
  // Results wait here until the lines that were written before them have been read from the pipes too.
  #settled: (() => void)[] = [];
  // Whose lines the pipes still hold: the first job with a result that has not settled yet.
  #settling: Job | null = null;
  readonly #events: ContainerEvents;

  constructor(
    worker: WorkerProcess,
    init: Omit<ContainerInit, "container">,
    spec: FunctionSpec,
    events: ContainerEvents,
    onRequest: (container: Container, type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]) => void,
  ) {
    this.process = worker;
    this.#events = events;
    worker.adopt({
      onFrame: (type, seq, head, parts) => {
        if (type >= FrameType.request) onRequest(this, type, seq, head, parts);
        else this.#onFrame(type, seq, head, parts);
      },
      onNativeLine: (stream, text) => events.onLine(this, stream, text, originOf(this.#settling ?? this.head), true),
      onExit: (exit) => {
        this.#flushSettled();
        this.state = "gone";
        const left = [...this.jobs.values()];
        this.jobs.clear();
        events.onExit(this, exit, left);
      },
    });
    const message: ContainerInit = { ...init, container: this.id, fn: spec };
    worker.channel.send(FrameType.init, 0, JSON.stringify(message));
  }

  /** The job it works on. */
  get head(): Job | null {
    for (const job of this.jobs.values()) return job;
    return null;
  }

  /** Whether everything it runs waits for remote calls. */
  get waiting(): boolean {
    const head = this.head;
    return head !== null && head.waits > 0;
  }

  /** How many jobs were ever handed to it. */
  get taken(): number {
    return this.#lastSeq;
  }

  send(job: Job, startBeforeMs: number): void {
    job.seq = this.#lastSeq = (this.#lastSeq + 1) >>> 0;
    job.startBeforeMs = startBeforeMs;
    job.waits = 0;
    job.credit = STREAM_WINDOW_ITEMS;
    job.headSinceMs = this.jobs.size === 0 ? Date.now() : 0;
    this.jobs.set(job.seq, job);
    const { text, parts } = encodeEnvelope(job.envelope);
    this.process.channel.send(FrameType.input, job.seq, `${startBeforeMs}|${text}`, parts);
  }

  cancel(job: Job): void {
    this.process.channel.send(FrameType.cancel, job.seq, "");
  }

  /** Asks for the jobs back that have not started: the one before them waits. */
  recallWaiting(): void {
    for (const job of this.jobs.values()) if (job !== this.head) this.process.channel.send(FrameType.recall, job.seq, "");
  }

  /** Counts a wait of this job; what it gives back ends it, once, and does nothing for a job that is gone. */
  wait(job: Job): () => void {
    const { seq } = job;
    job.waits++;
    this.#events.onWaitChange(this);
    return () => this.#endWait(job, seq);
  }

  giveCredit(job: Job, count: number): void {
    const stalled = job.credit <= 0;
    job.credit += count;
    if (stalled && job.credit > 0) this.#endWait(job, job.seq);
    this.process.channel.send(FrameType.credit, job.seq, String(count));
  }

  /** Forgets a job whose lease has run out; a late answer is ignored. */
  takeBack(job: Job): void {
    this.#remove(job.seq);
  }

  end(reason: string): void {
    this.endReason ??= reason;
    // It lives on until the system says otherwise; nothing more may be handed to it.
    if (this.state !== "gone") this.state = "retiring";
    this.process.kill();
  }

  #endWait(job: Job, seq: number): void {
    // The job may have gone to another container in the meantime.
    if (this.jobs.get(seq) !== job) return;
    job.waits--;
    this.#events.onWaitChange(this);
  }

  #remove(seq: number): Job | undefined {
    const job = this.jobs.get(seq);
    if (job === undefined) return undefined;
    const wasHead = this.head === job;
    this.jobs.delete(seq);
    if (wasHead) {
      const next = this.head;
      if (next !== null) next.headSinceMs = Date.now();
    }
    return job;
  }

  #onFrame(type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]): void {
    const events = this.#events;
    switch (type) {
      case FrameType.result: {
        if (!this.jobs.has(seq)) return;
        // Read before the job is let go of: a result that can't be read ends the container, and the job with it.
        const bar = head.indexOf("|");
        const result = decodeResult(head.slice(bar + 1), parts);
        const job = this.#remove(seq) as Job;
        this.#settling ??= job;
        this.#settle(() => events.onResult(this, job, result, Number(head.slice(0, bar))));
        return;
      }
      case FrameType.item: {
        const job = this.jobs.get(seq);
        if (job === undefined) return;
        job.onItem?.(decodeItem(head, parts));
        if (--job.credit === 0) this.wait(job);
        return;
      }
      case FrameType.log: {
        const line = head.indexOf("\n");
        events.onLine(this, head.startsWith("1") ? "stdout" : "stderr", head.slice(line + 1), parseOrigin(head.slice(1, line)), false);
        return;
      }
      case FrameType.returned: {
        const job = this.#remove(seq);
        if (job !== undefined) events.onReturned(this, job);
        return;
      }
      case FrameType.ready:
        if (this.state !== "starting") return;
        this.state = "ready";
        this.wasReady = true;
        events.onReady(this);
        return;
      case FrameType.initFailed:
        events.onInitFailed(this, JSON.parse(head) as EncodedError);
        return;
      case FrameType.retire:
        this.state = "retiring";
        this.retireReason = head;
        this.#settle(() => events.onRetire(this, head));
        return;
      default:
        // The other frames go to containers, not to engines.
        return;
    }
  }

  #settle(settle: () => void): void {
    this.#settled.push(settle);
    // After this turn's polling: whatever the pipes held when the result was read has been read by then.
    if (this.#settled.length === 1) setImmediate(() => this.#flushSettled());
  }

  #flushSettled(): void {
    const settled = this.#settled;
    this.#settled = [];
    this.#settling = null;
    for (const settle of settled) settle();
  }
}

// --- Internal helpers ---

function originOf(job: Job | null): LineOrigin | null {
  return job === null ? null : { call: job.envelope.callId, input: job.envelope.inputId, attempt: job.envelope.attempt };
}

function parseOrigin(text: string): LineOrigin | null {
  const [call, input, attempt] = text.split(" ");
  return call === undefined || input === undefined ? null : { call, input, attempt: Number(attempt) };
}
