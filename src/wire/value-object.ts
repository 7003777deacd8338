import { DeserializationError } from "../model/errors.ts";
import { createFrameWriter, FrameType } from "./frame.ts";
import { createFrameReader } from "./frame-reader.ts";
import type { Packed } from "./lambda-payload.ts";

/** An object of the bucket: text and bytes in one frame. */
export function packObject({ text, parts }: Packed): Uint8Array {
  const writer = createFrameWriter();
  writer.add(FrameType.input, 0, text, parts);
  return Buffer.concat(writer.take());
}

/**
 * Reads what {@link packObject} made.
 *
 * @throws DeserializationError for anything else.
 */
export function unpackObject(bytes: Uint8Array): Packed {
  let found: Packed | undefined;
  createFrameReader((_type, _seq, text, parts) => {
    found = { text, parts };
  }).push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (found !== undefined) return found;
  throw new DeserializationError(`An object of ${bytes.byteLength} bytes in the bucket is cut off.`);
}
