import { spawn, type ChildProcess } from "node:child_process";
import { existsSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { ExecutionError } from "../../model/errors.ts";
import { createChannel, type Channel } from "../../channel/channel.ts";
import { createLineCutter } from "../../util/line-cutter.ts";
import type { FrameHandler } from "../../wire/frame.ts";
import { tenonDir } from "../../util/package-dir.ts";
import { baseEnvironment } from "./worker-environment.ts";

/** How a worker process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why there never was a process. */
  readonly error: Error | null;
}

/** What a worker process reports; its owner sets them. */
export interface WorkerHandlers {
  onFrame: FrameHandler;
  /** A line that a child or native code of it wrote past the runtime. */
  onNativeLine: (stream: "stdout" | "stderr", text: string) => void;
  /** Once: every frame and every line has been reported. */
  onExit: (exit: WorkerExit) => void;
}

/** A forked Node process that waits for an init frame. */
export interface WorkerProcess {
  readonly pid: number;
  readonly memoryMiB: number;
  readonly channel: Channel;
  /** Replaces the handlers; what came before is not repeated. */
  adopt(handlers: WorkerHandlers): void;
  /** Ends it and every process it started. */
  kill(): void;
  /** Resolves when it is gone. */
  readonly gone: Promise<WorkerExit>;
}

/** Settings of a worker process that must be there before it starts. */
export interface WorkerProcessOptions {
  /** V8's heap limit; what lies outside the heap is watched by the pool. */
  readonly memoryMiB: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

const WORKER_FILE = join(tenonDir(), "dist/worker.js");

/**
 * Forks a worker process. Never throws: one that could not be started is gone with an `error` a moment later.
 */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  let child: ChildProcess;
  try {
    child = spawn(process.execPath, [`--max-old-space-size=${options.memoryMiB}`, WORKER_FILE], {
      cwd: options.cwd,
      env: { ...baseEnvironment(), ...options.env },
      // A process group of its own: Ctrl-C reaches the engine only, and the group can be ended as a whole.
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
    });
  } catch (error) {
    return stillborn(options, error as Error);
  }
  const { pid } = child;
  if (pid !== undefined) return new ForkedWorker(child, pid, options.memoryMiB);
  // Why comes in an event; without one it would be thrown.
  return stillborn(options, new Promise<Error>((resolve) => child.once("error", resolve)));
}

// --- Internal helpers ---

/** How long the pipes of a process that has ended may stay open. */
const DRAIN_MS = 250;
/** The pipes of stdout and stderr, the channel, and the process itself. */
const PARTS = 4;

class ForkedWorker implements WorkerProcess {
  readonly pid: number;
  readonly memoryMiB: number;
  readonly channel: Channel;
  readonly gone: Promise<WorkerExit>;
  readonly #streams: readonly Socket[];
  readonly #onGone: (exit: WorkerExit) => void;
  #handlers: WorkerHandlers = NO_HANDLERS;
  #exit: WorkerExit | null = null;
  #open = PARTS;

  constructor(child: ChildProcess, pid: number, memoryMiB: number) {
    this.pid = pid;
    this.memoryMiB = memoryMiB;
    let onGone: (exit: WorkerExit) => void = () => undefined;
    this.gone = new Promise((resolve) => (onGone = resolve));
    this.#onGone = onGone;
    child.on("error", () => undefined);
    child.on("exit", (code, signal) => this.#onExit({ code, signal, error: null }));
    const [stdout, stderr, socket] = [child.stdout, child.stderr, child.stdio[3]] as [Socket, Socket, Socket];
    this.#streams = [stdout, stderr, socket];
    readLines(
      stdout,
      (text) => this.#handlers.onNativeLine("stdout", text),
      () => this.#onClosed(),
    );
    readLines(
      stderr,
      (text) => this.#handlers.onNativeLine("stderr", text),
      () => this.#onClosed(),
    );
    this.channel = createChannel(socket, {
      onFrame: (type, seq, head, parts) => this.#handlers.onFrame(type, seq, head, parts),
      onClose: () => {
        // What it does now can't be reported any more.
        this.kill();
        this.#onClosed();
      },
    });
  }

  adopt(handlers: WorkerHandlers): void {
    this.#handlers = handlers;
  }

  kill(): void {
    // Its number may be another's by now.
    if (this.#exit !== null) return;
    this.#killGroup();
  }

  #onExit(exit: WorkerExit): void {
    // Its children are ended with it.
    this.#killGroup();
    this.#exit = exit;
    this.#onClosed();
    // Children that left the group may hold the pipes open. What was written is read first.
    const drain = setTimeout(() => setImmediate(() => this.#streams.forEach((stream) => stream.destroy())), DRAIN_MS);
    void this.gone.then(() => clearTimeout(drain));
  }

  /** One of its parts has ended; with the last one it is gone. */
  #onClosed(): void {
    if (--this.#open > 0 || this.#exit === null) return;
    this.#handlers.onExit(this.#exit);
    this.#onGone(this.#exit);
  }

  #killGroup(): void {
    try {
      process.kill(-this.pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  }
}

const NO_HANDLERS: WorkerHandlers = { onFrame() {}, onNativeLine() {}, onExit() {} };

/** A process that was never started. */
function stillborn(options: WorkerProcessOptions, why: Error | Promise<Error>): WorkerProcess {
  let handlers = NO_HANDLERS;
  const gone = Promise.resolve(why).then((cause) => {
    // The system names the program for a folder that is not there.
    const message = existsSync(options.cwd) ? cause.message : `its folder ${options.cwd} does not exist`;
    const exit: WorkerExit = { code: null, signal: null, error: new ExecutionError(message, { cause }) };
    handlers.onExit(exit);
    return exit;
  });
  return {
    pid: -1,
    memoryMiB: options.memoryMiB,
    channel: { send() {}, flushSync() {}, end() {}, destroy() {}, closed: true, backlogBytes: 0 },
    adopt(next) {
      handlers = next;
    },
    kill() {},
    gone,
  };
}

function readLines(stream: Socket, onLine: (text: string) => void, onEnd: () => void): void {
  const lines = createLineCutter(onLine);
  stream.on("data", (chunk: Buffer) => lines.push(chunk));
  stream.on("error", () => {});
  stream.on("close", () => {
    lines.end();
    onEnd();
  });
}
