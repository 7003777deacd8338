import type { Io, Output } from "./io.ts";
import { wantsColours } from "./io.ts";

/** The terminal, pipe or file this process was started with. */
export function createProcessIo(): Io {
  return {
    out: output(process.stdout),
    err: output(process.stderr),
    env: process.env,
    async ask(question) {
      if (!process.stdin.isTTY || !process.stderr.isTTY) return null;
      const { createInterface } = await import("node:readline/promises");
      const reader = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await reader.question(question);
      } finally {
        reader.close();
      }
    },
    watchTerminal(before) {
      const undo = [process.stdout, process.stderr].filter((stream) => stream.isTTY).map((stream) => watch(stream, before));
      return () => undo.forEach((each) => each());
    },
  };
}

/** Resolves when everything written so far has left the process. A reader that went away counts as read. */
export async function flushOutput(): Promise<void> {
  await Promise.all(
    [process.stdout, process.stderr].map(
      (stream) =>
        new Promise<void>((resolve) => {
          if (stream.destroyed || stream.writableLength === 0) resolve();
          else stream.write("", () => resolve());
        }),
    ),
  );
}

/** Calls back once when the reader of stdout has gone, as in `tenon … | head`; a lost stderr is passed over. */
export function onReaderGone(callback: () => void): void {
  let gone = false;
  process.stderr.on("error", () => {});
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (gone || (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED")) return;
    gone = true;
    callback();
  });
}

function output(stream: NodeJS.WriteStream): Output {
  const isTerminal = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    isTerminal,
    colours: wantsColours(process.env, isTerminal),
    get columns() {
      // A terminal that does not know its width says 0.
      return stream.columns || 80;
    },
  };
}

function watch(stream: NodeJS.WriteStream, before: (text: string) => void): () => void {
  const write = stream.write;
  const watched = (...args: unknown[]): boolean => {
    before(typeof args[0] === "string" ? args[0] : Buffer.from(args[0] as Uint8Array).toString("latin1"));
    return Reflect.apply(write, stream, args);
  };
  stream.write = watched as typeof stream.write;
  return () => {
    stream.write = write;
  };
}
