import { existsSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import { findSourceRoot } from "../../bundle/index.ts";
import { startWorkerProcess } from "../../local/workers/worker-process.ts";
import type { SpareWorker } from "../../local/workers/worker-starter.ts";

/** Memory of a Function that names none: the prewarmed worker suits those. */
const DEFAULT_MEMORY_MIB = 1024;

let spare: SpareWorker | null = null;

/**
 * Starts a worker for the first call of `tenon run`: it comes up while the command line is read and the App is bundled.
 * Does nothing unless the command line runs a file that is there.
 */
export function prewarm(argv: readonly string[]): void {
  const at = argv.indexOf("run");
  const target = argv
    .slice(at + 1)
    .find((word, index, words) => !word.startsWith("-") && !["-e", "--env"].includes(words[index - 1] ?? ""));
  if (at === -1 || target === undefined || argv.includes("--help") || argv.includes("-h")) return;
  const file = resolve(target.split("::")[0]!);
  if (!existsSync(file)) return;
  const cwd = findSourceRoot(realpathSync(file));
  spare = { worker: startWorkerProcess({ memoryMiB: DEFAULT_MEMORY_MIB, env: {}, cwd }), cwd };
}

/** The prewarmed worker, to the first who asks. */
export function takeSpareWorker(): SpareWorker | null {
  const taken = spare;
  spare = null;
  return taken;
}

/** Ends the prewarmed worker unless it was taken. */
export function dropSpareWorker(): void {
  takeSpareWorker()?.worker.kill();
}
