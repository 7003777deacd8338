import { DeserializationError, SerializationError } from "../model/errors.ts";
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

/** Throws {@link SerializationError} for a value that no frame can hold, its text at its longest in UTF-8. */
export function checkFrameSize(text: string, parts: readonly Uint8Array[]): void {
  let bytes = text.length * 3 + FRAME_SPARE_BYTES;
  for (const part of parts) bytes += part.byteLength + 4;
  if (bytes <= MAX_FRAME_BYTES) return;
  throw new SerializationError(`the value is ${showNumber(bytes)} bytes, the limit is ${showNumber(MAX_FRAME_BYTES)}`, {
    hint: "send it in several calls, or write it to a file that both sides can read",
  });
}

// What an envelope or a result adds to its value.
const FRAME_SPARE_BYTES = 64 * 1024;
// length (4) · type (1) · seq (4) · head length (4) · number of parts (4), then 4 bytes for the length of each part
const HEADER_BYTES = 17;
// Of these, the length and the type.
const START_BYTES = 5;
const TYPES: ReadonlySet<FrameType> = new Set(Object.values(FrameType));
const BATCH_BYTES = 64 * 1024;
const LARGE_PART_BYTES = 16 * 1024;
const NO_PARTS: readonly Uint8Array[] = [];

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
      reserve(HEADER_BYTES + indexBytes + headMax);
      const at = end;
      end = at + HEADER_BYTES;
      for (const part of parts) end = batch.writeUInt32LE(part.byteLength, end);
      const headBytes = batch.write(head, end, "utf8");
      end += headBytes;
      batch.writeUInt32LE(HEADER_BYTES - 4 + indexBytes + headBytes + partBytes, at);
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

/** Cuts a stream of chunks into frames. */
export interface FrameReader {
  /** Calls the handler for each frame that is complete. Throws {@link DeserializationError} on bytes that are no frame. */
  push(chunk: Buffer): void;
}

/** Makes a reader that hands each complete frame to `onFrame`; parts are views on the received memory. */
export function createFrameReader(onFrame: FrameHandler): FrameReader {
  let partial: Buffer | null = null;
  let filled = 0;

  const emit = (frame: Buffer, at: number, length: number): void => {
    const headBytes = frame.readUInt32LE(at + 9);
    const count = frame.readUInt32LE(at + 13);
    const headStart = at + HEADER_BYTES + count * 4;
    const frameEnd = at + 4 + length;
    let partStart = headStart + headBytes;
    if (partStart > frameEnd) throw brokenFrame(length);
    let parts = NO_PARTS;
    if (count > 0) {
      const found: Uint8Array[] = [];
      for (let i = 0; i < count; i++) {
        const bytes = frame.readUInt32LE(at + HEADER_BYTES + i * 4);
        if (partStart + bytes > frameEnd) throw brokenFrame(length);
        found.push(frame.subarray(partStart, partStart + bytes));
        partStart += bytes;
      }
      parts = found;
    }
    onFrame(frame[at + 4] as FrameType, frame.readUInt32LE(at + 5), frame.toString("utf8", headStart, headStart + headBytes), parts);
  };

  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (partial !== null) {
          // Collect the length and type first, then exactly one frame, so that a large one is copied once.
          const wanted = filled < START_BYTES ? START_BYTES : 4 + checkedLength(partial, 0, filled);
          if (partial.length < wanted) partial = grown(partial, filled, wanted);
          const taken = chunk.copy(partial, filled, at, at + wanted - filled);
          filled += taken;
          at += taken;
          if (filled < START_BYTES || filled < 4 + partial.readUInt32LE(0)) continue;
          const whole = partial;
          partial = null;
          filled = 0;
          emit(whole, 0, whole.readUInt32LE(0));
          continue;
        }
        const left = chunk.length - at;
        const length = checkedLength(chunk, at, left);
        if (left >= START_BYTES && left >= 4 + length) {
          emit(chunk, at, length);
          at += 4 + length;
          continue;
        }
        partial = Buffer.allocUnsafeSlow(left >= START_BYTES ? 4 + length : START_BYTES);
        filled = chunk.copy(partial, 0, at);
        at += filled;
      }
    },
  };
}

// --- Internal helpers ---

function grown(buffer: Buffer, filled: number, bytes: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(bytes);
  buffer.copy(larger, 0, 0, filled);
  return larger;
}

/** The length of the frame that starts here, 0 while that is not known; memory is taken for nothing that does not look like one. */
function checkedLength(buffer: Buffer, at: number, available: number): number {
  if (available < 4) return 0;
  const length = buffer.readUInt32LE(at);
  const isKnown = available < START_BYTES || TYPES.has(buffer[at + 4] as FrameType);
  if (length < HEADER_BYTES - 4 || length > MAX_FRAME_BYTES || !isKnown) throw brokenFrame(length);
  return length;
}

function brokenFrame(length: number): DeserializationError {
  return new DeserializationError(`a frame of ${length} bytes does not hold what its header says`, {
    hint: "both ends must run the same version of Tenon",
  });
}
