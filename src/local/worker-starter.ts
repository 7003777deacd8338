import type { FunctionSpec } from "../model/function-spec.ts";
import { startWorkerProcess, type WorkerProcess } from "./worker-process.ts";

/** Starts worker processes; keeps one that was started before anybody knew what for. */
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

/** Makes a starter; `spare` is used for the first Function it fits. */
export function createWorkerStarter(options: WorkerStarterOptions, spare: SpareWorker | null): WorkerStarter {
  let left = spare;
  return {
    start(spec) {
      // An environment of its own must be there before the process starts: it may hold NODE_OPTIONS.
      if (
        left !== null &&
        left.cwd === options.cwd &&
        Object.keys(spec.env).length === 0 &&
        left.worker.memoryMiB === spec.memoryMiB &&
        !left.worker.channel.closed
      ) {
        const { worker } = left;
        left = null;
        options.onStarted(worker);
        return worker;
      }
      const worker = startWorkerProcess({ memoryMiB: spec.memoryMiB, env: spec.env, cwd: options.cwd });
      options.onStarted(worker);
      return worker;
    },
    close() {
      left?.worker.kill();
      left = null;
    },
  };
}
