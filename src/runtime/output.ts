import { createLineCutter, type LineCutter } from "../util/line-cutter.ts";
import type { RunningInput } from "./input.ts";

/** Takes whole lines, in the order they were written. */
export type LineSink = (stream: "stdout" | "stderr", input: RunningInput | undefined, text: string) => void;

/** The output of a process, cut into lines, each with the input that wrote it. */
export interface OutputCapture {
  /** Gives out what an input wrote without a line end. */
  flush(inputId: string | undefined): void;
}

type Name = "stdout" | "stderr";

/**
 * Catches what JavaScript code of this process writes to stdout and stderr. What children and native code write goes to
 * the file descriptors, which the engine reads. `onWritten` comes after the lines of each write: they are out even if
 * the body then blocks.
 */
export function captureOutput(current: () => RunningInput | undefined, onLine: LineSink, onWritten: () => void): OutputCapture {
  const open = new Map<string | undefined, { readonly stdout: LineCutter; readonly stderr: LineCutter }>();

  const take = (name: Name, chunk: string | Uint8Array): void => {
    const input = current();
    let cutters = open.get(input?.inputId);
    if (cutters === undefined) {
      cutters = {
        stdout: createLineCutter((text) => onLine("stdout", input, text)),
        stderr: createLineCutter((text) => onLine("stderr", input, text)),
      };
      open.set(input?.inputId, cutters);
    }
    cutters[name].push(chunk);
    onWritten();
    // An input that has ended is not flushed any more.
    if (input?.settled === true) flush(input.inputId);
  };
  const flush = (inputId: string | undefined): void => {
    const cutters = open.get(inputId);
    if (cutters === undefined) return;
    open.delete(inputId);
    cutters.stdout.end();
    cutters.stderr.end();
  };

  for (const stream of ["stdout", "stderr"] as const) replaceLazily(stream, take);
  return { flush };
}

// --- Internal helpers ---

/** Makes the real stream only when it is first used: most containers never need it, and it costs time and memory. */
function replaceLazily(name: Name, take: (stream: Name, chunk: string | Uint8Array) => void): void {
  const original = Object.getOwnPropertyDescriptor(process, name);
  let patched: NodeJS.WriteStream | null = null;
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: true,
    get() {
      if (patched !== null) return patched;
      const stream = (original?.get?.call(process) ?? original?.value) as NodeJS.WriteStream;
      const write = (chunk: string | Uint8Array, encoding?: unknown, done?: unknown): boolean => {
        take(name, chunk);
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
