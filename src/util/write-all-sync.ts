import { writeSync } from "node:fs";

const RETRIES = 1_000;

/** Writes all of a buffer before it returns. A pipe that is full is tried again for a second; the rest is then given up, and so is everything after a broken pipe. */
export function writeAllSync(fd: number, buffer: Uint8Array): void {
  let at = 0;
  for (let tries = 0; at < buffer.byteLength && tries < RETRIES;) {
    try {
      at += writeSync(fd, buffer, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EAGAIN") return;
      tries++;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}
