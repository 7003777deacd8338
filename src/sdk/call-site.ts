import { fileURLToPath } from "node:url";

interface Frame {
  getFileName(): string | null | undefined;
}

/**
 * Absolute path of the file that called `below`, or `null` when the stack does not say. Source maps are not looked
 * at: it is the file that ran.
 */
export function callerFile(below: (...args: never[]) => unknown): string | null {
  const prepare = Error.prepareStackTrace;
  const holder: { stack?: unknown } = {};
  try {
    Error.prepareStackTrace = (_, frames) => frames;
    Error.captureStackTrace(holder, below);
    const frames = holder.stack as readonly Frame[] | undefined;
    const file = frames?.[0]?.getFileName();
    if (typeof file !== "string" || file === "") return null;
    return file.startsWith("file:") ? fileURLToPath(file.replace(/[?#].*$/, "")) : file;
  } finally {
    Error.prepareStackTrace = prepare;
  }
}
