import { DeserializationError } from "../model/errors.ts";
import { type FrameHandler, FrameType, HEADER_BYTES, MAX_FRAME_BYTES } from "./frame.ts";

// Of these, the length and the type.
const START_BYTES = 5;
const TYPES: ReadonlySet<FrameType> = new Set(Object.values(FrameType));
const NO_PARTS: readonly Uint8Array[] = [];

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
  return new DeserializationError(`A frame of ${length} bytes does not hold what its header says.`, {
    hint: "Run the same version of Tenon at both ends.",
  });
}
