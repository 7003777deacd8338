import type { CallPlace } from "../target.ts";

const INTERVAL_MS = 100;

/** Tells the run's sink how far a `map` is, at most ten times a second. */
export interface MapProgress {
  /** One more input has its outcome. */
  step(failed: boolean): void;
  /** How many inputs there are, once they have all been taken. */
  total(count: number): void;
  /** There is nothing more to come. */
  finish(): void;
}

/** Progress for the sink of a place; `undefined` when nothing hears it. */
export function createProgress(place: CallPlace, callId: string, inputs: unknown): MapProgress | undefined {
  const { sink, ref } = place;
  if (sink === undefined) return undefined;
  let done = 0;
  let failed = 0;
  let total = knownCount(inputs);
  let toldAtMs = 0;
  const tell = (finished: boolean): void =>
    sink({ code: "MAP_PROGRESS", app: ref.app, fn: ref.name, call: callId, done, failed, total, finished });
  return {
    step(isFailure) {
      done++;
      if (isFailure) failed++;
      const nowMs = performance.now();
      if (nowMs - toldAtMs < INTERVAL_MS) return;
      toldAtMs = nowMs;
      tell(false);
    },
    total(count) {
      total = count;
    },
    finish: () => tell(true),
  };
}

// --- Internal helpers ---

function knownCount(inputs: unknown): number | null {
  if (Array.isArray(inputs)) return inputs.length;
  return inputs instanceof Set || inputs instanceof Map ? inputs.size : null;
}
