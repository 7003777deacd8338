import { type Zippable, zipSync } from "fflate";

/** A file and its permissions. */
export interface ZippedFile {
  readonly data: string | Uint8Array;
  /** As `chmod` takes it. */
  readonly mode: number;
}

/** Of a file that says none: read and write for the owner, read for the others. */
const DEFAULT_MODE = 0o644;
const REGULAR_FILE = 0o100000;
/** The earliest time that a zip can hold: with the time of now, the same files would not be the same bytes. */
const EARLIEST = new Date(1980, 0, 1);
const UNIX = 3;

/**
 * A zip archive of files, not compressed: what Lambda takes. Paths are relative, with slashes; a file's mode is 644 unless
 * it says another. The same files give the same bytes.
 */
export function zip(files: Readonly<Record<string, string | Uint8Array | ZippedFile>>): Uint8Array {
  const encoder = new TextEncoder();
  const entries = Object.entries(files).map(([path, file]) => {
    const { data, mode } = typeof file === "string" || file instanceof Uint8Array ? { data: file, mode: DEFAULT_MODE } : file;
    // The upper half is Unix's, as a zip keeps it.
    const attrs = ((REGULAR_FILE | mode) << 16) >>> 0;
    return [path, [typeof data === "string" ? encoder.encode(data) : data, { attrs }]] as const;
  });
  return zipSync(Object.fromEntries(entries) as Zippable, { level: 0, mtime: EARLIEST, os: UNIX });
}
