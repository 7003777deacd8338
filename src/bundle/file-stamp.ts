import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import type { FileStamp } from "./bundle-record.ts";

// File systems keep times in steps of some milliseconds. A change within one step shows no new time.
const TIME_STEP_MS = 50;
const CHUNK_BYTES = 1 << 20;

/** SHA-256 of some bytes or a text, hex. */
export function hashOf(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Stamp of a file whose bytes the caller has just read, with the stat taken before reading. */
export function stampOf(path: string, stat: { readonly mtimeMs: number; readonly size: number }, data: Uint8Array): FileStamp {
  return { path, mtimeMs: settledTime(stat.mtimeMs), size: stat.size, hash: hashOf(data) };
}

/** Reads a file and its stamp. Throws what reading throws. */
export function readStamped(path: string): { readonly data: Buffer; readonly stamp: FileStamp } {
  const fd = openSync(path, "r");
  try {
    const stat = fstatSync(fd);
    const data = readFileSync(fd);
    return { data, stamp: stampOf(path, stat, data) };
  } finally {
    closeSync(fd);
  }
}

/** Stamp of a file of any size, read in pieces of 1 MiB. Throws what reading throws. */
export function stampFile(path: string): FileStamp {
  const fd = openSync(path, "r");
  try {
    const stat = fstatSync(fd);
    const hash = createHash("sha256");
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(stat.size, 1)));
    for (let length = readSync(fd, chunk); length > 0; length = readSync(fd, chunk)) hash.update(chunk.subarray(0, length));
    return { path, mtimeMs: settledTime(stat.mtimeMs), size: stat.size, hash: hash.digest("hex") };
  } finally {
    closeSync(fd);
  }
}

// --- Internal helpers ---

function settledTime(mtimeMs: number): number {
  return mtimeMs > Date.now() - TIME_STEP_MS ? -1 : mtimeMs;
}
