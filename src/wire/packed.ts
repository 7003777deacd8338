import { DeserializationError } from "../model/errors.ts";
import { createFrameReader, createFrameWriter, FrameType } from "./frame.ts";

/** A text with the bytes that belong to it: an envelope or a result, as it is written. */
export interface Message {
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** Bytes of a message when it is written down: its text in UTF-8 at the longest, and its parts. */
export function messageBytes(message: Message): number {
  let bytes = Buffer.byteLength(message.text);
  for (const part of message.parts) bytes += part.byteLength;
  return bytes;
}

/** A message as one run of bytes, for a place that holds nothing else: one frame. */
export function packMessage(message: Message): Uint8Array {
  const writer = createFrameWriter();
  writer.add(FrameType.event, 0, message.text, message.parts);
  return Buffer.concat(writer.take());
}

/** Reads what `packMessage` wrote. Throws `DeserializationError` for anything else. */
export function unpackMessage(bytes: Uint8Array): Message {
  let message: Message | undefined;
  createFrameReader((_type, _seq, text, parts) => {
    message = { text, parts };
  }).push(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (message !== undefined) return message;
  throw new DeserializationError(`${bytes.byteLength} bytes hold no whole message.`, { hint: "Was the object cut off or replaced?" });
}
