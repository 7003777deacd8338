import type { FunctionSpec } from "../../model/function-spec.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** Starts worker processes; keeps one ahead while they are asked for one after the other. */
export interface WorkerStarter {
  start(spec: FunctionSpec): WorkerProcess;
  /** Ends the spare process when nobody took it. */
  close(): void;
}

/** Settings shared by all worker processes of an engine. */
export interface WorkerStarterOptions {
  readonly cwd: string;
  /** Told of each process, so that a later start can end what this one left behind. */
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
/** How long a spare process waits for somebody who needs it. */
const SPARE_MS = 2_000;

/**
 * Makes a starter; `spare` is used for the first Function it fits.
 *
 * Calls that nest start one container after the other, each when the one before has loaded. While that goes on, the
 * next process boots ahead; it ends soon after.
 */
export function createWorkerStarter(options: WorkerStarterOptions, spare: SpareWorker | null): WorkerStarter {
  let given = spare;
  let ahead: { readonly worker: WorkerProcess; readonly key: string } | null = null;
  let prewarmedTimer: NodeJS.Timeout | null = null;
  let lastStartedAtMs = 0;
  let closed = false;

  const boot = (spec: FunctionSpec): WorkerProcess => {
    const worker = startWorkerProcess({ memoryMiB: spec.memoryMiB, env: spec.env, cwd: options.cwd });
    options.onStarted(worker);
    return worker;
  };
  const dropPrewarmed = (): void => {
    if (prewarmedTimer !== null) clearTimeout(prewarmedTimer);
    prewarmedTimer = null;
    ahead?.worker.kill();
    ahead = null;
  };
  const takeGiven = (spec: FunctionSpec): WorkerProcess | null => {
    // An environment of its own must be there before the process starts: it may hold NODE_OPTIONS.
    if (given === null || given.cwd !== options.cwd || Object.keys(spec.env).length > 0) return null;
    const { worker } = given;
    if (worker.memoryMiB !== spec.memoryMiB || worker.channel.closed) return null;
    given = null;
    options.onStarted(worker);
    return worker;
  };
  const takePrewarmed = (key: string): WorkerProcess | null => {
    if (ahead === null || ahead.key !== key || ahead.worker.channel.closed) return null;
    const { worker } = ahead;
    ahead = null;
    return worker;
  };

  return {
    start(spec) {
      // Without what a boot takes, which on a busy machine is longer than the gaps of a burst.
      const gapMs = Date.now() - lastStartedAtMs;
      const key = JSON.stringify([spec.memoryMiB, spec.env]);
      const worker = takeGiven(spec) ?? takePrewarmed(key) ?? boot(spec);
      lastStartedAtMs = Date.now();
      if (closed || gapMs < BURST_MS || gapMs > SERIES_MS) return worker;
      dropPrewarmed();
      ahead = { worker: boot(spec), key };
      prewarmedTimer = setTimeout(dropPrewarmed, SPARE_MS);
      return worker;
    },
    close() {
      closed = true;
      dropPrewarmed();
      given?.worker.kill();
      given = null;
    },
  };
}
