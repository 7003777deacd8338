import type { Socket } from "node:net";
import { writeAllSync } from "../util/write-all-sync.ts";
import { createFrameReader } from "../wire/frame-reader.ts";
import { createFrameWriter, type FrameHandler, type FrameType } from "../wire/frame.ts";

/** Two-way frames over a socket; what is sent within one turn of the event loop leaves in one write. */
export interface Channel {
  send(type: FrameType, seq: number, head: string, parts?: readonly Uint8Array[]): void;
  /**
   * Writes out what is waiting, at once: the end of this turn of the event loop may be far, or never come. Waits up to
   * a second for a reader that is behind; the socket takes what is left then. `fd` is the socket's own.
   */
  flushSync(fd: number): void;
  /** Ends the socket after what was sent. */
  end(): void;
  destroy(): void;
  readonly closed: boolean;
  /** Bytes handed over that the other side has not taken yet. */
  readonly backlogBytes: number;
}

/** What a channel reports. */
export interface ChannelHandlers {
  readonly onFrame: FrameHandler;
  /** Once, when no further frame can come. */
  readonly onClose: (error: Error | null) => void;
}

/** More would keep the other side idle while this one goes on; fewer would cost a system call each. */
const FRAMES_PER_WRITE = 16;
const NONE: readonly Uint8Array[] = [];

/** Makes a channel of a connected socket. */
export function createChannel(socket: Socket, handlers: ChannelHandlers): Channel {
  const writer = createFrameWriter();
  const reader = createFrameReader(handlers.onFrame);
  let scheduled = false;
  let waiting = 0;
  let closed = false;
  let failure: Error | null = null;

  const flush = (): void => {
    scheduled = false;
    waiting = 0;
    if (closed) return;
    const buffers = writer.take();
    if (buffers.length === 0) return;
    if (buffers.length === 1) {
      socket.write(buffers[0] as Uint8Array);
      return;
    }
    socket.cork();
    for (const buffer of buffers) socket.write(buffer);
    socket.uncork();
  };
  socket.on("data", (chunk: Buffer) => {
    try {
      reader.push(chunk);
    } catch (error) {
      socket.destroy(error as Error);
    }
  });
  socket.on("error", (error) => {
    failure ??= error;
  });
  socket.on("close", () => {
    closed = true;
    handlers.onClose(failure);
  });

  return {
    send(type, seq, head, parts = NONE) {
      if (closed) return;
      writer.add(type, seq, head, parts);
      if (++waiting >= FRAMES_PER_WRITE) {
        flush();
        return;
      }
      if (scheduled) return;
      scheduled = true;
      process.nextTick(flush);
    },
    flushSync(fd) {
      // What libuv still holds must not be overtaken.
      if (closed || socket.writableLength > 0) return flush();
      waiting = 0;
      for (const buffer of writer.take()) {
        const written = socket.writableLength > 0 ? 0 : writeAllSync(fd, buffer);
        if (written < buffer.byteLength) socket.write(buffer.subarray(written));
      }
    },
    end() {
      if (closed) return;
      flush();
      socket.end();
    },
    destroy() {
      socket.destroy();
    },
    get closed() {
      return closed;
    },
    get backlogBytes() {
      return socket.writableLength;
    },
  };
}
