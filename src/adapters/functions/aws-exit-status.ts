/**
 * Exit statuses by which a container on Lambda says why it ends. Of a process that ends, Lambda tells others nothing but
 * `Runtime exited with error: exit status N`, also when it has answered before.
 *
 * Shells use 126 to 192 and Node 1 to 14, so these are not somebody else's. User code that exits with one of them ends
 * with `taken` instead; only native code could still be mistaken.
 */
export const EXIT_STATUS = {
  /** The watchdog's signal, as a shell says it. */
  watchdog: 154,
  /** It can't be trusted any more, and has started nothing of the input that it was given. */
  notStarted: 210,
  /** A cancel request wanted the container to end as well. Its outcome is written. */
  cancelled: 211,
  /** User code ended the process with one of these statuses. */
  taken: 212,
} as const;

/** The status with which a process ends that user code ends with this exit code. */
export function userExitStatus(exitCode: number): number {
  // The system keeps a byte of it.
  return RESERVED.has(exitCode & 0xff) ? EXIT_STATUS.taken : exitCode;
}

// --- Internal helpers ---

const RESERVED: ReadonlySet<number> = new Set(Object.values(EXIT_STATUS));
