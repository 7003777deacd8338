import { zipSync } from "fflate";

/** Read and write for the owner, read for the others, in the upper half as a zip keeps it. */
const FILE_MODE = (0o100644 << 16) >>> 0;
/** The earliest time that a zip can hold: with the time of now, the same files would not be the same bytes. */
const EARLIEST = new Date(1980, 0, 1);
const UNIX = 3;

/**
 * A zip archive of files, not compressed: what Lambda takes. Paths are relative, with slashes. The same files give the same
 * bytes.
 */
export function zip(files: Readonly<Record<string, string | Uint8Array>>): Uint8Array {
  const encoder = new TextEncoder();
  const entries = Object.entries(files).map(([path, data]) => [path, typeof data === "string" ? encoder.encode(data) : data] as const);
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: EARLIEST, os: UNIX, attrs: FILE_MODE });
}
