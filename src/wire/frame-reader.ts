import { DeserializationError } from "../model/errors.ts";
import { showNumber } from "../util/show-value.ts";
import { FRAME_HEADER_BYTES, FrameType, MAX_FRAME_BYTES, type FrameHandler } from "./frame.ts";

/** Of a header, the length and the type: what tells a frame from other bytes. */
const START_BYTES = 5;
const TYPES: ReadonlySet<FrameType> = new Set(Object.values(FrameType));
const NO_PARTS: readonly Uint8Array[] = [];

/** Cuts a stream of chunks into frames. */
export interface FrameReader {
  /** Calls the handler for each frame that is complete. Throws {@link DeserializationError} on bytes that are no frame. */
  push(chunk: Buffer): void;
}

/**
 * Makes a reader that hands each complete frame to `onFrame`.
 *
 * The parts of a frame that lies in one chunk are views on the chunk. Those of a frame that comes in several are copied once,
 * each into memory of its own, so that nobody who decodes them has to copy them again.
 */
export function createFrameReader(onFrame: FrameHandler): FrameReader {
  let partial: PartialFrame | null = null;
  return {
    push(chunk) {
      let at = 0;
      while (at < chunk.length) {
        if (partial === null) {
          const left = chunk.length - at;
          const bytes = 4 + checkedLength(chunk, at, left);
          if (left >= START_BYTES && left >= bytes) {
            emit(chunk, at, bytes, onFrame);
            at += bytes;
            continue;
          }
          partial = new PartialFrame();
        }
        at += partial.take(chunk, at);
        if (!partial.isComplete) continue;
        const complete: PartialFrame = partial;
        partial = null;
        complete.emit(onFrame);
      }
    },
  };
}

// --- Internal helpers ---

/** A frame of which only a beginning has come: what precedes its parts is collected first, then part after part. */
class PartialFrame {
  /** What precedes the parts, as long as is known so far. */
  #front = Buffer.allocUnsafeSlow(START_BYTES);
  #filled = 0;
  #parts: Buffer[] | undefined;
  /** The part that is being filled. */
  #part = 0;
  /** Bytes behind the last part, which the length counts and nobody reads. */
  #rest = 0;

  get isComplete(): boolean {
    return this.#part === this.#parts?.length && this.#rest === 0;
  }

  /** Takes bytes of the chunk into one piece of memory, and gives their number. */
  take(chunk: Buffer, at: number): number {
    const target = this.#parts === undefined ? this.#front : this.#parts[this.#part];
    if (target === undefined) {
      const skipped = Math.min(this.#rest, chunk.length - at);
      this.#rest -= skipped;
      return skipped;
    }
    const taken = chunk.copy(target, this.#filled, at);
    this.#filled += taken;
    if (this.#parts === undefined && this.#filled === target.length) this.#frontFilled();
    this.#skipFilled();
    return taken;
  }

  emit(onFrame: FrameHandler): void {
    const front = this.#front;
    const headBytes = front.readUInt32LE(9);
    const head = front.toString("utf8", front.length - headBytes);
    onFrame(front[4] as FrameType, front.readUInt32LE(5), head, this.#parts ?? NO_PARTS);
  }

  /** The start, the header, or all that precedes the parts is there. */
  #frontFilled(): void {
    const front = this.#front;
    const known = front.length;
    const length = checkedLength(front, 0, known);
    const bytes = known === START_BYTES ? FRAME_HEADER_BYTES : frontBytes(front, 0, 4 + length);
    if (bytes > known) {
      this.#front = Buffer.allocUnsafeSlow(bytes);
      front.copy(this.#front);
      return;
    }
    const sizes = partSizes(front, 0, 4 + length);
    this.#rest = sizes.reduce((rest, size) => rest - size, 4 + length - known);
    this.#parts = sizes.map((size) => Buffer.allocUnsafeSlow(size));
    this.#filled = 0;
  }

  #skipFilled(): void {
    while (this.#filled === this.#parts?.[this.#part]?.length) {
      this.#part++;
      this.#filled = 0;
    }
  }
}

/** Hands over a frame that lies in a chunk. It runs for nearly every frame there is, and reads each field once. */
function emit(chunk: Buffer, at: number, bytes: number, onFrame: FrameHandler): void {
  const headBytes = chunk.readUInt32LE(at + 9);
  const count = chunk.readUInt32LE(at + 13);
  const headStart = at + FRAME_HEADER_BYTES + count * 4;
  const headEnd = headStart + headBytes;
  if (headEnd > at + bytes) throw brokenFrame(bytes);
  const parts = count === 0 ? NO_PARTS : views(chunk, at, bytes);
  onFrame(chunk[at + 4] as FrameType, chunk.readUInt32LE(at + 5), chunk.toString("utf8", headStart, headEnd), parts);
}

function views(chunk: Buffer, at: number, bytes: number): readonly Uint8Array[] {
  let start = at + frontBytes(chunk, at, bytes);
  return partSizes(chunk, at, bytes).map((size) => chunk.subarray(start, (start += size)));
}

/** The length of the frame that starts here, 0 while that is not known; memory is taken for nothing that does not look like one. */
function checkedLength(buffer: Buffer, at: number, available: number): number {
  if (available < 4) return 0;
  const length = buffer.readUInt32LE(at);
  const isKnown = available < START_BYTES || TYPES.has(buffer[at + 4] as FrameType);
  if (length < FRAME_HEADER_BYTES - 4 || length > MAX_FRAME_BYTES || !isKnown) throw brokenFrame(length);
  return length;
}

/** The bytes that precede the parts of a frame of `bytes`: header, index and head. */
function frontBytes(buffer: Buffer, at: number, bytes: number): number {
  const front = FRAME_HEADER_BYTES + buffer.readUInt32LE(at + 13) * 4 + buffer.readUInt32LE(at + 9);
  if (front > bytes) throw brokenFrame(bytes);
  return front;
}

function partSizes(buffer: Buffer, at: number, bytes: number): readonly number[] {
  const sizes: number[] = [];
  let left = bytes - frontBytes(buffer, at, bytes);
  const index = at + FRAME_HEADER_BYTES;
  for (let i = 0; i < buffer.readUInt32LE(at + 13); i++) {
    const size = buffer.readUInt32LE(index + i * 4);
    left -= size;
    if (left < 0) throw brokenFrame(bytes);
    sizes.push(size);
  }
  return sizes;
}

function brokenFrame(bytes: number): DeserializationError {
  return new DeserializationError(`A frame of ${showNumber(bytes)} bytes does not hold what its header says.`, {
    hint: "Run the same version of Tenon at both ends.",
  });
}
