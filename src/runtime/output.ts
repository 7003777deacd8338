import type { RunningInput } from "./input.ts";

/** Takes whole lines, in the order they were written. */
export type LineSink = (stream: "stdout" | "stderr", input: RunningInput | undefined, text: string) => void;

/** The output of a process, cut into lines, each with the input that wrote it. */
export interface OutputCapture {
  /** Gives out what an input wrote without a line end. */
  flush(inputId: string | undefined): void;
}

/**
 * Catches what this process writes to stdout and stderr by JavaScript. What children and native code write goes
 * to the file descriptors and is read by the engine. `onWritten` comes after the lines of each write: a body that
 * blocks from then on has said them.
 */
export function captureOutput(current: () => RunningInput | undefined, onLine: LineSink, onWritten: () => void): OutputCapture {
  const open = new Map<string | undefined, { input: RunningInput | undefined; stdout: string; stderr: string }>();

  const take = (stream: "stdout" | "stderr", chunk: string): void => {
    const input = current();
    const rest = open.get(input?.inputId) ?? { input, stdout: "", stderr: "" };
    const text = rest[stream] + chunk;
    const end = text.lastIndexOf("\n");
    if (end >= 0) {
      for (const line of text.slice(0, end).split("\n")) onLine(stream, input, line);
      onWritten();
    }
    rest[stream] = end >= 0 ? text.slice(end + 1) : text;
    if (rest.stdout === "" && rest.stderr === "") open.delete(input?.inputId);
    else open.set(input?.inputId, rest);
  };

  for (const stream of ["stdout", "stderr"] as const) replaceLazily(stream, take);
  return {
    flush(inputId) {
      const rest = open.get(inputId);
      if (rest === undefined) return;
      open.delete(inputId);
      if (rest.stdout !== "") onLine("stdout", rest.input, rest.stdout);
      if (rest.stderr !== "") onLine("stderr", rest.input, rest.stderr);
    },
  };
}

// --- Internal helpers ---

/** The real stream is made only when it is first used: it costs time and memory that most containers never need. */
function replaceLazily(name: "stdout" | "stderr", take: (stream: "stdout" | "stderr", chunk: string) => void): void {
  const original = Object.getOwnPropertyDescriptor(process, name);
  let patched: NodeJS.WriteStream | null = null;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (patched !== null) return patched;
      const stream = (original?.get?.call(process) ?? original?.value) as NodeJS.WriteStream;
      const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
        take(name, typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8"));
        const callback = typeof encoding === "function" ? encoding : done;
        if (typeof callback === "function") process.nextTick(callback);
        return true;
      };
      stream.write = write as typeof stream.write;
      patched = stream;
      return stream;
    },
  });
}
