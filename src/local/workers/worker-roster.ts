import { openOwnerRecord, type RunningApp } from "./owner-record.ts";
import type { WorkerProcess } from "./worker-process.ts";

/** The worker processes that this process has started for one purpose. None outlives it, however it ends. */
export interface WorkerRoster {
  /** Notes a worker that was just started; call it before the worker gets anything to do. */
  add(worker: WorkerProcess): void;
  /** Ends what still lives and removes the record on disk. */
  close(): void;
}

/**
 * Opens a roster, with a record under `<stateDir>/run/` in case this process is killed; `running` is the App
 * that others are told of.
 */
export function openWorkerRoster(stateDir: string, running?: RunningApp): WorkerRoster {
  const record = openOwnerRecord(stateDir, running);
  const living = new Set<WorkerProcess>();
  const roster: WorkerRoster = {
    add(worker) {
      living.add(worker);
      record.addWorker(worker.pid);
      void worker.gone.then(() => {
        living.delete(worker);
        record.removeWorker(worker.pid);
      });
    },
    close() {
      rosters.delete(roster);
      for (const worker of living) worker.kill();
      record.close();
    },
  };
  // One listener for all: a process may run many Apps.
  if (!watching) process.on("exit", closeAll);
  watching = true;
  rosters.add(roster);
  return roster;
}

// --- Internal helpers ---

const rosters = new Set<WorkerRoster>();
let watching = false;

function closeAll(): void {
  for (const roster of rosters) roster.close();
}
