import { spawn, type ChildProcess } from "node:child_process";
import type { Socket } from "node:net";
import { join } from "node:path";
import { createChannel, type Channel } from "../runtime/channel.ts";
import type { FrameHandler } from "../wire/frame.ts";
import { tenonDir } from "../util/package-dir.ts";
import { baseEnvironment } from "./worker-environment.ts";

/** How a worker process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
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

/** Forks a worker process. */
export function startWorkerProcess(options: WorkerProcessOptions): WorkerProcess {
  const child: ChildProcess = spawn(process.execPath, [`--max-old-space-size=${options.memoryMiB}`, WORKER_FILE], {
    cwd: options.cwd,
    env: { ...baseEnvironment(), ...options.env },
    // A process group of its own: Ctrl-C reaches the engine only, and the group can be ended as a whole.
    detached: true,
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const pid = child.pid ?? -1;
  let handlers: WorkerHandlers = { onFrame() {}, onNativeLine() {}, onExit() {} };
  let exit: WorkerExit | null = null;
  let open = 4;
  let resolveGone: (exit: WorkerExit) => void;
  const gone = new Promise<WorkerExit>((resolve) => {
    resolveGone = resolve;
  });
  const closed = (): void => {
    if (--open > 0) return;
    const how = exit ?? { code: null, signal: null };
    handlers.onExit(how);
    resolveGone(how);
  };
  const killGroup = (): void => {
    try {
      if (pid > 0) process.kill(-pid, "SIGKILL");
    } catch {
      // The group is gone already.
    }
  };

  child.on("error", () => {
    // No process came to be: `exit` will not follow.
    exit ??= { code: null, signal: null };
    closed();
  });
  child.on("exit", (code, signal) => {
    exit = { code, signal };
    // Children that user code left behind hold the pipes open; nobody waits for them.
    killGroup();
    closed();
  });
  for (const [stream, name] of [
    [child.stdout, "stdout"],
    [child.stderr, "stderr"],
  ] as const) {
    readLines(stream as Socket, (text) => handlers.onNativeLine(name, text), closed);
  }
  const channel = createChannel(child.stdio[3] as Socket, {
    onFrame: (type, seq, head, parts) => handlers.onFrame(type, seq, head, parts),
    onClose: closed,
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

function readLines(stream: Socket, onLine: (text: string) => void, onEnd: () => void): void {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk: string) => {
    const text = rest + chunk;
    const end = text.lastIndexOf("\n");
    if (end >= 0) for (const line of text.slice(0, end).split("\n")) onLine(line);
    rest = text.slice(end + 1);
  });
  stream.on("error", () => {});
  stream.on("close", () => {
    if (rest !== "") onLine(rest);
    onEnd();
  });
}
