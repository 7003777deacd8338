import { SerializationError } from "../model/errors.ts";
import { showNumber } from "../util/show-value.ts";

/**
 * What a frame says. Frames 1 to 19 go between an engine and a container, 20 and up between a caller and a backend.
 */
export const FrameType = {
  /** engine → container: what to load. */
  init: 1,
  /** container → engine: loaded, inputs may come. */
  ready: 2,
  /** container → engine: the module or the start-up failed. */
  initFailed: 3,
  /** engine → container: `<startBeforeMs>|<envelope>`; 0 for an input that may always start. */
  input: 4,
  /** container → engine: `<microseconds run>|<result>`. */
  result: 5,
  /** container → engine: an input whose lease ended before it could start. */
  returned: 6,
  /** either way: one item of a generator. */
  item: 7,
  /** engine → container: end this input. */
  cancel: 8,
  /** to the maker of items: so many more may be made. */
  credit: 9,
  /** container → engine: lines that an input wrote. */
  log: 10,
  /** container → engine: takes no further input and will end. */
  retire: 11,
  /** engine → container: give this input back unless it has started. */
  recall: 12,
  /** at the beginning of a stream from Lambda: milliseconds after which its input has run out of time. */
  timeLeft: 13,
  request: 20,
  response: 21,
  failure: 22,
  cancelRequest: 23,
  event: 24,
} as const;

/** One of {@link FrameType}. */
export type FrameType = (typeof FrameType)[keyof typeof FrameType];

/** Takes one frame. Separate arguments, since an object for each would be garbage at once. */
export type FrameHandler = (type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]) => void;

/** Largest frame, in bytes: more does not fit Node's buffers reliably. */
export const MAX_FRAME_BYTES = 2 ** 31 - 1;

/** What an envelope or a result adds to its value. */
const FRAME_SPARE_BYTES = 64 * 1024;

/** Throws {@link SerializationError} for a value that no frame can hold, its text at its longest in UTF-8. */
export function checkFrameSize(text: string, parts: readonly Uint8Array[]): void {
  let bytes = text.length * 3 + FRAME_SPARE_BYTES;
  for (const part of parts) bytes += part.byteLength + 4;
  if (bytes <= MAX_FRAME_BYTES) return;
  throw new SerializationError(`The value has ${showNumber(bytes)} bytes. At most ${showNumber(MAX_FRAME_BYTES)} can be sent.`, {
    hint: "Send it in several calls, or write it to a file that both sides can read.",
  });
}

/** Bytes of a frame's header: length (4), type (1), seq (4), head length (4), number of parts (4). Four for each part's length follow. */
export const FRAME_HEADER_BYTES = 17;

const BATCH_BYTES = 64 * 1024;
const LARGE_PART_BYTES = 16 * 1024;

/** Collects frames into few large buffers, so that many frames cost one system call. */
export interface FrameWriter {
  /** The caller has checked the size: see {@link checkFrameSize}. */
  add(type: FrameType, seq: number, head: string, parts: readonly Uint8Array[]): void;
  /** What has been added since the last call, in order. Large parts are the caller's own memory. */
  take(): Uint8Array[];
}

/** Makes a writer of its own buffers. */
export function createFrameWriter(): FrameWriter {
  let ready: Uint8Array[] = [];
  let batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let start = 0;
  let end = 0;

  const seal = (): void => {
    if (end > start) ready.push(batch.subarray(start, end));
    start = end;
  };
  const reserve = (bytes: number): void => {
    if (end + bytes <= batch.length) return;
    seal();
    batch = Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES, bytes));
    start = end = 0;
  };

  return {
    add(type, seq, head, parts) {
      let partBytes = 0;
      for (const part of parts) partBytes += part.byteLength;
      const indexBytes = parts.length * 4;
      // A UTF-16 unit takes at most three bytes in UTF-8.
      const headMax = head.length * 3;
      reserve(FRAME_HEADER_BYTES + indexBytes + headMax);
      const at = end;
      end = at + FRAME_HEADER_BYTES;
      for (const part of parts) end = batch.writeUInt32LE(part.byteLength, end);
      const headBytes = batch.write(head, end, "utf8");
      end += headBytes;
      batch.writeUInt32LE(FRAME_HEADER_BYTES - 4 + indexBytes + headBytes + partBytes, at);
      batch[at + 4] = type;
      batch.writeUInt32LE(seq, at + 5);
      batch.writeUInt32LE(headBytes, at + 9);
      batch.writeUInt32LE(parts.length, at + 13);
      for (const part of parts) {
        if (part.byteLength >= LARGE_PART_BYTES) {
          seal();
          ready.push(part);
        } else {
          reserve(part.byteLength);
          batch.set(part, end);
          end += part.byteLength;
        }
      }
    },
    take() {
      seal();
      const taken = ready;
      ready = [];
      return taken;
    },
  };
}
