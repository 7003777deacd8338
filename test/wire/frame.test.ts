import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DeserializationError, SerializationError } from "../../src/model/errors.ts";
import { createFrameReader } from "../../src/wire/frame-reader.ts";
import { checkFrameSize, createFrameWriter, FrameType, MAX_FRAME_BYTES } from "../../src/wire/frame.ts";

interface Frame {
  readonly type: FrameType;
  readonly seq: number;
  readonly head: string;
  readonly parts: readonly Uint8Array[];
}

const frame: fc.Arbitrary<Frame> = fc.record({
  type: fc.constantFrom(...Object.values(FrameType)),
  seq: fc.nat(2 ** 32 - 1),
  head: fc.string({ unit: "binary", maxLength: 300 }).map((text) => text.toWellFormed()),
  parts: fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 4 }),
});

function write(frames: readonly Frame[]): Buffer {
  const writer = createFrameWriter();
  for (const { type, seq, head, parts } of frames) writer.add(type, seq, head, parts);
  return Buffer.concat(writer.take());
}

function read(chunks: readonly Buffer[]): Frame[] {
  const frames: Frame[] = [];
  const reader = createFrameReader((type, seq, head, parts) =>
    frames.push({ type, seq, head, parts: parts.map((part) => new Uint8Array(part)) }),
  );
  for (const chunk of chunks) reader.push(chunk);
  return frames;
}

describe("frames", () => {
  it("come out as they went in, wherever the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(), { maxLength: 30 }), (frames, cuts) => {
        const bytes = write(frames);
        const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
        const chunks = edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge));
        expect(read(chunks)).toEqual(frames);
      }),
      { numRuns: 300 },
    );
  });

  it("come out when every byte arrives alone", () => {
    const frames: Frame[] = [
      { type: FrameType.input, seq: 7, head: "héllo ✓", parts: [new Uint8Array([1, 2, 3]), new Uint8Array()] },
      { type: FrameType.ready, seq: 0, head: "", parts: [] },
    ];
    expect(read([...write(frames)].map((byte) => Buffer.from([byte])))).toEqual(frames);
  });

  it("carry a large part as the caller's own memory", () => {
    const part = new Uint8Array(1_000_000).fill(9);
    const writer = createFrameWriter();
    writer.add(FrameType.input, 1, "x", [part]);
    expect(writer.take()).toContain(part);
  });

  it("over the largest size are refused with the size and the limit", () => {
    const part = { byteLength: MAX_FRAME_BYTES } as Uint8Array;
    expect(() => checkFrameSize("x", [part])).toThrow(SerializationError);
  });

  it("refuse bytes that are no frame instead of waiting for ever", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 4, maxLength: 200 }), (bytes) => {
        const length = Buffer.from(bytes).readUInt32LE(0);
        fc.pre(length < 11 || length > MAX_FRAME_BYTES);
        expect(() => read([Buffer.from(bytes)])).toThrow(DeserializationError);
      }),
    );
    const lying = write([{ type: FrameType.item, seq: 1, head: "abc", parts: [] }]);
    lying.writeUInt32LE(5_000, 9);
    expect(() => read([lying])).toThrow(/does not hold what its header says/);
  });
});
