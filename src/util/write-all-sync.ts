import { writeSync } from "node:fs";

const RETRIES = 1_000;
const NEVER_WOKEN = new Int32Array(new SharedArrayBuffer(4));

/**
 * Writes a buffer before it returns, and says how much of it was written: less than all when a pipe stays full for a
 * second, or is broken.
 */
export function writeAllSync(fd: number, buffer: Uint8Array): number {
  let at = 0;
  for (let tries = 0; at < buffer.byteLength && tries < RETRIES;) {
    try {
      at += writeSync(fd, buffer, at);
      tries = 0;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") break;
      tries++;
      Atomics.wait(NEVER_WOKEN, 0, 0, 1);
    }
  }
  return at;
}
