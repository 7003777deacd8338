import { crc32 } from "node:zlib";

/** One message of AWS's event stream encoding, with text headers only. */
export function eventMessage(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const encoded = Buffer.concat(
    Object.entries(headers).map(([name, value]) => {
      const head = Buffer.alloc(name.length + 4);
      head.writeUInt8(name.length, 0);
      head.write(name, 1);
      head.writeUInt8(7, name.length + 1);
      head.writeUInt16BE(Buffer.byteLength(value), name.length + 2);
      return Buffer.concat([head, Buffer.from(value)]);
    }),
  );
  const message = Buffer.alloc(16 + encoded.length + payload.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(encoded.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  encoded.copy(message, 12);
  payload.copy(message, 12 + encoded.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

/** A piece of a streamed answer. */
export function chunkEvent(bytes: Buffer): Buffer {
  return eventMessage({ ":message-type": "event", ":event-type": "PayloadChunk", ":content-type": "application/octet-stream" }, bytes);
}

/** The end of a streamed answer. */
export function completeEvent(error?: { readonly errorType: string; readonly errorMessage: string }): Buffer {
  const body = error === undefined ? {} : { ErrorCode: error.errorType, ErrorDetails: error.errorMessage };
  const headers = { ":message-type": "event", ":event-type": "InvokeComplete", ":content-type": "application/json" };
  return eventMessage(headers, Buffer.from(JSON.stringify(body)));
}
