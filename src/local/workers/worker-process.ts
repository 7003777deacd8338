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

/** What a worker process reports. Set by whoever takes the process over. */
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
  if (pid === undefined) {
    // Why comes in an event; without one it would be thrown.
    const worker = new Promise<Error>((resolve) => child.once("error", resolve));
    return stillborn(options, worker);
  }
  let handlers: WorkerHandlers = NO_HANDLERS;
  let exit: WorkerExit | null = null;
  let open = 4;
  let resolveGone: (exit: WorkerExit) => void;
  const gone = new Promise<WorkerExit>((resolve) => {
    resolveGone = resolve;
  });
  const closed = (): void => {
    if (--open > 0 || exit === null) return;
    handlers.onExit(exit);
    resolveGone(exit);
  };
  const killGroup = (): void => {
    // Its number may be another's by now.
    if (exit !== null) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };

  const streams = [child.stdout, child.stderr, child.stdio[3]] as Socket[];
  child.on("error", () => undefined);
  child.on("exit", (code, signal) => {
    // Children that user code left behind are ended with it.
    killGroup();
    exit = { code, signal, error: null };
    closed();
    // Some left the group and hold the pipes open; nobody waits for them. What was written is read before that.
    const drain = setTimeout(() => setImmediate(() => streams.forEach((stream) => stream.destroy())), DRAIN_MS);
    void gone.then(() => clearTimeout(drain));
  });
  readLines(streams[0] as Socket, (text) => handlers.onNativeLine("stdout", text), closed);
  readLines(streams[1] as Socket, (text) => handlers.onNativeLine("stderr", text), closed);
  const channel = createChannel(streams[2] as Socket, {
    onFrame: (type, seq, head, parts) => handlers.onFrame(type, seq, head, parts),
    onClose() {
      // Whatever it does now, nobody will learn of it.
      killGroup();
      closed();
    },
  });
  return {
    pid,
    memoryMiB: options.memoryMiB,
    channel,
    adopt(next) {
      handlers = next;
    },
    kill: killGroup,
    gone,
  };
}

// --- Internal helpers ---

/** How long the pipes of a process that has ended may stay open. */
const DRAIN_MS = 250;
const NO_HANDLERS: WorkerHandlers = { onFrame() {}, onNativeLine() {}, onExit() {} };

/** A process that never came to be. */
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
