import { describe, expect, it } from "vitest";
import type { EncodedValue } from "../../src/model/encoded.ts";
import { decode, encode, encodeInline } from "../../src/wire/codec.ts";
import { createFrameReader } from "../../src/wire/frame-reader.ts";
import { createFrameWriter, FrameType } from "../../src/wire/frame.ts";
import { packRequest, readAnswer } from "../../src/wire/lambda-invoke.ts";
import { packAnswer, readRequest } from "../../src/wire/lambda-payload.ts";
import { packObject, unpackObject } from "../../src/wire/value-object.ts";
import { encodeEnvelope } from "../../src/wire/envelope.ts";
import { decodeResult, encodeResult } from "../../src/wire/result.ts";

const SIZES = [0, 3, 5_000, 200_000];
const value = SIZES.map((size) => [
  Buffer.alloc(size, 7),
  new Uint8Array(size).fill(7),
  new Float64Array(size).fill(7),
  new DataView(new ArrayBuffer(size)),
]);

const bytesOf = (view: ArrayBufferView): Buffer => Buffer.from(view.buffer, view.byteOffset, view.byteLength);

/** Cuts a value's frame into chunks of so many bytes and reads it again. */
function throughFrames(encoded: EncodedValue, chunkBytes: number): EncodedValue {
  const writer = createFrameWriter();
  writer.add(FrameType.input, 1, "a frame before", [Buffer.from("x")]);
  writer.add(FrameType.result, 1, encoded.text, encoded.parts);
  const bytes = Buffer.concat(writer.take());
  let read: EncodedValue | undefined;
  const reader = createFrameReader((type, _, text, parts) => {
    if (type === FrameType.result) read = { ...encoded, text, parts };
  });
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes));
  if (read === undefined) throw new TypeError("no frame was read");
  return read;
}

function throughRequest(encoded: EncodedValue): EncodedValue {
  const args = { ...encoded, text: `[${encoded.text}]` };
  const packed = packRequest(encodeEnvelope({ v: 1, callId: "fc-1", inputId: "in-1", attempt: 1, args, root: "fc-1", depth: 0 }));
  const request = readRequest(JSON.parse(packed ?? "") as unknown);
  if (!("envelope" in request)) throw new TypeError("the request was too large");
  return { ...request.envelope.args, text: request.envelope.args.text.slice(1, -1) };
}

function throughAnswer(encoded: EncodedValue): EncodedValue {
  const answer = readAnswer(JSON.stringify(packAnswer(encodeResult({ status: "succeeded", value: encoded }))));
  if (!("result" in answer) || answer.result.status !== "succeeded") throw new TypeError("the answer was too large");
  return answer.result.value;
}

function throughObject(encoded: EncodedValue): EncodedValue {
  const stored = unpackObject(packObject(encodeResult({ status: "succeeded", value: encoded })));
  const result = decodeResult(stored.text, stored.parts);
  if (result.status !== "succeeded") throw new TypeError("no success was read");
  return result.value;
}

describe("decoded bytes have memory of exactly their size", () => {
  it.each<[string, () => EncodedValue]>([
    ["from a frame in one chunk", () => throughFrames(encode(value), 2 ** 30)],
    ["from a frame in chunks of a socket", () => throughFrames(encode(value), 65_536)],
    ["from a frame in odd pieces", () => throughFrames(encode(value), 7_919)],
    ["from the payload of a Lambda function", () => throughRequest(encode(value))],
    ["from the answer of a Lambda function", () => throughAnswer(encode(value))],
    ["from an object of a bucket", () => throughObject(encode(value))],
    ["from inside a text", () => encodeInline(value, "value", Number.POSITIVE_INFINITY)],
  ])("%s", (_, travel) => {
    const views = (decode(travel()) as readonly (readonly ArrayBufferView[])[]).flat();
    const sent = value.flat();
    expect(views.map(({ constructor }) => constructor)).toEqual(sent.map(({ constructor }) => constructor));
    expect(views.map((view, n) => bytesOf(view).equals(bytesOf(sent[n] as ArrayBufferView)))).toEqual(sent.map(() => true));
    expect(views.map(({ byteOffset }) => byteOffset)).toEqual(views.map(() => 0));
    expect(views.map(({ buffer }) => buffer.byteLength)).toEqual(views.map(({ byteLength }) => byteLength));
    expect(new Set(views.map(({ buffer }) => buffer)).size).toBe(views.length);
  });

  it("which is that of their part where this is theirs alone already", () => {
    const part = Buffer.allocUnsafeSlow(100_000).fill(1);
    const back = decode({ ...encode(part), parts: [part] }) as Buffer;
    expect(back.buffer).toBe(part.buffer);
  });

  it("and a frame of several chunks gives such parts, so that nothing is copied twice", () => {
    const { parts } = throughFrames(encode(Buffer.alloc(200_000)), 65_536);
    expect(parts.map(({ byteOffset, byteLength, buffer }) => [byteOffset, byteLength, buffer.byteLength])).toEqual([[0, 200_000, 200_000]]);
  });
});
