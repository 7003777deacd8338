import type { EncodedError } from "../../../model/encoded.ts";
import { newContainerId } from "../../../model/ids.ts";
import { decodeItem } from "../../../wire/item.ts";
import type { ServedBackend } from "../../../channel/server.ts";
import type { ContainerInit } from "../../../runtime/process/container-init.ts";
import { FrameType } from "../../../wire/frame.ts";
import { encodeEnvelope } from "../../../wire/envelope.ts";
import { decodeResult } from "../../../wire/result.ts";
import type { WorkerExit, WorkerProcess } from "../../workers/worker-process.ts";
import type { Job } from "../job.ts";
import type { ContainerEvents } from "./container-events.ts";
import { ContainerJobs } from "./container-jobs.ts";
import { originOf, parseLine } from "./container-line.ts";
import { Settling } from "./settling.ts";

/** How long a body may go on after its result before its process is ended. */
const RETIRE_GRACE_MS = 1_000;

/** What a container is made of. */
export interface WorkerContainerParams {
  readonly worker: WorkerProcess;
  readonly init: Omit<ContainerInit, "container">;
  readonly events: ContainerEvents<WorkerContainer>;
  /** Makes what answers the requests of its inputs; called at the first of them. */
  readonly serve: (container: WorkerContainer) => ServedBackend;
}

/** The pool's side of a worker process that serves one Function. */
export class WorkerContainer {
  readonly id: string = newContainerId();
  readonly process: WorkerProcess;
  readonly jobs: ContainerJobs = new ContainerJobs();
  state: "starting" | "ready" | "retiring" | "gone" = "starting";
  readonly startedAtMs: number = Date.now();
  idleSinceMs: number = Date.now();
  /** Whether it holds slots of the machine. */
  holdsSlot = false;
  /** Whether it was ever ready for inputs. */
  wasReady = false;
  /** Why the pool ended it, when it did. */
  endReason: string | null = null;
  /** Why it accepts no more inputs, once it has said so. */
  retireReason: string | null = null;
  readonly #events: ContainerEvents<WorkerContainer>;
  readonly #settling: Settling = new Settling();
  readonly #serve: (container: WorkerContainer) => ServedBackend;
  #served: ServedBackend | null = null;

  constructor({ worker, init, events, serve }: WorkerContainerParams) {
    this.process = worker;
    this.#events = events;
    this.#serve = serve;
    worker.adopt({
      onFrame: (type, seq, head, parts) => {
        if (type < FrameType.request) this.#onFrame(type, seq, head, parts);
        else (this.#served ??= this.#serve(this)).onFrame(type, seq, head, parts);
      },
      onNativeLine: (stream, text) =>
        events.onLine(this, { stream, text, origin: originOf(this.#settling.head ?? this.jobs.head), native: true }),
      onExit: (exit) => this.#onExit(exit),
    });
    worker.channel.send(FrameType.init, 0, JSON.stringify({ ...init, container: this.id } satisfies ContainerInit));
  }

  /** Whether everything it runs waits for remote calls. */
  get isWaiting(): boolean {
    const { head } = this.jobs;
    return head !== null && head.waits > 0;
  }

  send(job: Job, startBeforeMs: number): void {
    this.jobs.add(job, startBeforeMs);
    const { text, parts } = encodeEnvelope(job.envelope);
    this.process.channel.send(FrameType.input, job.seq, `${startBeforeMs}|${text}`, parts);
  }

  cancel(job: Job): void {
    this.process.channel.send(FrameType.cancel, job.seq, "");
  }

  /** Asks for the jobs back that have not started: the one before them waits. */
  recallWaiting(): void {
    const { head } = this.jobs;
    for (const job of this.jobs.all()) if (job !== head) this.process.channel.send(FrameType.recall, job.seq, "");
  }

  /** Counts a wait of an input for a call. The function that it returns ends the wait, and does nothing once the job is gone. */
  waitOf(inputId: string | undefined): () => void {
    const job = this.jobs.ofInput(inputId);
    return job === undefined ? () => undefined : this.#wait(job);
  }

  giveCredit(job: Job, count: number): void {
    const stalled = job.credit <= 0;
    job.credit += count;
    if (stalled && job.credit > 0) this.#endWait(job, job.seq);
    this.process.channel.send(FrameType.credit, job.seq, String(count));
  }

  /** Forgets a job; a late answer is ignored. */
  recover(job: Job): void {
    this.jobs.remove(job.seq);
  }

  /** Forgets all of its jobs and gives them back, in their order. */
  recoverAll(): readonly Job[] {
    const all = this.jobs.removeAll();
    this.#events.onWaitChange(this);
    return all;
  }

  /** Ends a container that accepts no more inputs and has no jobs. The last body may go on for a moment. */
  endIfRetired(): void {
    const reason = this.retireReason;
    if (reason === null || this.jobs.size > 0) return;
    // Until it has ended, it keeps the process alive itself.
    setTimeout(() => this.end(reason), RETIRE_GRACE_MS).unref();
  }

  end(reason: string): void {
    this.endReason ??= reason;
    // It lives on until the system says otherwise; nothing more may be handed to it.
    if (this.state !== "gone") this.state = "retiring";
    this.process.kill();
  }

  #wait(job: Job): () => void {
    const { seq } = job;
    job.waits++;
    this.#events.onWaitChange(this);
    return () => this.#endWait(job, seq);
  }

  #endWait(job: Job, seq: number): void {
    // The job may have gone to another container in the meantime.
    if (this.jobs.get(seq) !== job) return;
    job.waits--;
    this.#events.onWaitChange(this);
  }

  #onFrame(type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]): void {
    switch (type) {
      case FrameType.result:
        return this.#onResult(seq, head, parts);
      case FrameType.item:
        return this.#onItem(seq, head, parts);
      case FrameType.log:
        return this.#events.onLine(this, parseLine(head));
      case FrameType.returned: {
        const job = this.jobs.remove(seq);
        if (job !== undefined) this.#events.onReturned(this, job);
        return;
      }
      case FrameType.ready:
        return this.#onReady();
      case FrameType.initFailed:
        return this.#events.onInitFailed(this, JSON.parse(head) as EncodedError);
      case FrameType.retire:
        this.state = "retiring";
        this.retireReason = head;
        return this.#settling.add(null, () => this.#events.onRetire(this));
      default:
        // The other frames go to containers, not to engines.
        return;
    }
  }

  #onResult(seq: number, head: string, parts: readonly Uint8Array[]): void {
    if (this.jobs.get(seq) === undefined) return;
    // Read before the job is let go of: a result that can't be read ends the container, and the job with it.
    const bar = head.indexOf("|");
    const result = decodeResult(head.slice(bar + 1), parts);
    const job = this.jobs.remove(seq) as Job;
    this.#settling.add(job, () => this.#events.onResult(this, job, result, Number(head.slice(0, bar))));
  }

  #onItem(seq: number, head: string, parts: readonly Uint8Array[]): void {
    const job = this.jobs.get(seq);
    if (job === undefined) return;
    job.onItem?.(decodeItem(head, parts));
    if (--job.credit === 0) this.#wait(job);
  }

  #onReady(): void {
    if (this.state !== "starting") return;
    this.state = "ready";
    this.wasReady = true;
    this.#events.onReady(this);
  }

  #onExit(exit: WorkerExit): void {
    this.#settling.flush();
    this.state = "gone";
    const left = this.jobs.removeAll();
    this.#served?.onClose();
    this.#events.onExit(this, exit, left);
  }
}
