// The least that calls in another process can cost: a length and JSON text, one write for each turn of the event loop.

const BATCH_BYTES = 64 * 1024;

/**
 * Frames over a socket.
 *
 * @param {import("node:net").Socket} socket
 * @param {(text: string) => void} onText
 * @returns {{ send(text: string): void }}
 */
export function framed(socket, onText) {
  let batch = Buffer.allocUnsafeSlow(BATCH_BYTES);
  let start = 0;
  let end = 0;
  let scheduled = false;
  /** @type {Buffer} */
  let rest = Buffer.alloc(0);

  const flush = () => {
    scheduled = false;
    if (end > start) socket.write(batch.subarray(start, end));
    start = end;
  };
  socket.on("data", (/** @type {Buffer} */ chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (bytes.length - at >= 4) {
      const length = bytes.readUInt32LE(at);
      if (bytes.length - at - 4 < length) break;
      onText(bytes.toString("utf8", at + 4, at + 4 + length));
      at += 4 + length;
    }
    rest = bytes.subarray(at);
  });

  return {
    send(text) {
      const most = 4 + text.length * 3;
      if (end + most > batch.length) {
        flush();
        batch = Buffer.allocUnsafeSlow(Math.max(BATCH_BYTES, most));
        start = end = 0;
      }
      const length = batch.write(text, end + 4, "utf8");
      batch.writeUInt32LE(length, end);
      end += 4 + length;
      if (scheduled) return;
      scheduled = true;
      process.nextTick(flush);
    },
  };
}
