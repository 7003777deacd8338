import type { FunctionSpec } from "../../model/function-spec.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** Starts worker processes; prewarms one while they are needed one after the other. */
export interface WorkerStarter {
  start(spec: FunctionSpec): WorkerProcess;
  /** Ends the processes that no Function has got. */
  close(): void;
}

/** Settings shared by all worker processes of an engine. */
export interface WorkerStarterOptions {
  readonly cwd: string;
  /** Told of each process, so that another process can end what this one leaves behind. */
  readonly onStarted: (worker: WorkerProcess) => void;
}

/** A process that can serve any Function with this `memoryMiB` and no environment of its own. */
export interface SpareWorker {
  readonly worker: WorkerProcess;
  readonly cwd: string;
}

/** Starts that are nearer to each other belong to one burst, which needs the processor itself. */
const BURST_MS = 25;
/** Starts that are further apart have nothing to do with each other. */
const SERIES_MS = 1_000;
/** How long a prewarmed process waits for a Function. */
const PREWARMED_MS = 2_000;

/**
 * Makes a starter; `spare` is used for the first Function it fits.
 *
 * Calls that nest start one container after the other, each when the one before has loaded. While that goes on, the
 * next process is prewarmed; it ends soon after.
 */
export function createWorkerStarter(options: WorkerStarterOptions, spare: SpareWorker | null): WorkerStarter {
  const prewarmed = new PrewarmedWorker();
  let unused = spare;
  let lastStartedAtMs = 0;
  let closed = false;

  const boot = (spec: FunctionSpec): WorkerProcess => {
    const worker = startWorkerProcess({ memoryMiB: spec.memoryMiB, env: spec.env, cwd: options.cwd });
    options.onStarted(worker);
    return worker;
  };
  const useSpare = (spec: FunctionSpec): WorkerProcess | null => {
    if (unused === null || unused.cwd !== options.cwd || !fits(unused.worker, spec)) return null;
    const { worker } = unused;
    unused = null;
    options.onStarted(worker);
    return worker;
  };

  return {
    start(spec) {
      // Without what a boot takes, which on a busy machine is longer than the gaps of a burst.
      const gapMs = Date.now() - lastStartedAtMs;
      const key = JSON.stringify([spec.memoryMiB, spec.env]);
      const worker = useSpare(spec) ?? prewarmed.use(key) ?? boot(spec);
      lastStartedAtMs = Date.now();
      if (!closed && gapMs >= BURST_MS && gapMs <= SERIES_MS) prewarmed.replace(key, () => boot(spec));
      return worker;
    },
    close() {
      closed = true;
      prewarmed.end();
      unused?.worker.kill();
      unused = null;
    },
  };
}

// --- Internal helpers ---

/** An environment of its own must be there before a process starts, since it may hold NODE_OPTIONS. */
function fits(worker: WorkerProcess, spec: FunctionSpec): boolean {
  return Object.keys(spec.env).length === 0 && worker.memoryMiB === spec.memoryMiB && !worker.channel.closed;
}

/** One process that was started before it is needed, for Functions of one memory and environment. */
class PrewarmedWorker {
  #waiting: { readonly worker: WorkerProcess; readonly key: string } | null = null;
  #timer: NodeJS.Timeout | null = null;

  /** The process, when it is there and has this key. */
  use(key: string): WorkerProcess | null {
    if (this.#waiting === null || this.#waiting.key !== key || this.#waiting.worker.channel.closed) return null;
    const { worker } = this.#waiting;
    this.#waiting = null;
    return worker;
  }

  replace(key: string, boot: () => WorkerProcess): void {
    this.end();
    this.#waiting = { worker: boot(), key };
    this.#timer = setTimeout(() => this.end(), PREWARMED_MS);
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting?.worker.kill();
    this.#waiting = null;
  }
}
