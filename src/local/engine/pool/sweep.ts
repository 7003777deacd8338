const SWEEP_MS = 50;
/** Memory is looked at on every so many sweeps. */
const SWEEPS_PER_MEMORY_CHECK = 5;

/** What the sweep calls. */
export interface SweepHandlers {
  /** Looks at everything; `withMemory` on some sweeps only, since that reads a file for each container. */
  readonly onSweep: (nowMs: number, withMemory: boolean) => void;
  /** Whether there is nothing left to look at. */
  readonly isDone: () => boolean;
}

/** Looks at containers again and again while there are any. */
export interface Sweep {
  start(): void;
  stop(): void;
}

/** Makes a sweep; its timer keeps no process alive. */
export function createSweep(handlers: SweepHandlers): Sweep {
  let timer: NodeJS.Timeout | null = null;
  let sweeps = 0;
  const stop = (): void => {
    if (timer !== null) clearInterval(timer);
    timer = null;
  };
  return {
    start() {
      timer ??= setInterval(() => {
        handlers.onSweep(Date.now(), ++sweeps % SWEEPS_PER_MEMORY_CHECK === 0);
        if (handlers.isDone()) stop();
      }, SWEEP_MS).unref();
    },
    stop,
  };
}
