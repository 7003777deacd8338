/** How long the outcome of a durable call is kept after the call ended; Modal keeps results for 7 days. */
export const CALL_RETENTION_MS = 7 * 24 * 60 * 60 * 1_000;

/** Bytes of one binary part up to which it stays inside its row; a larger one gets a row of its own. */
export const INLINE_PART_BYTES = 64 * 1_024;

/** Calls of one Function that one driver has handed out at a time; the others wait in their rows. */
export const DRIVER_WINDOW = 64;

/** The first pause between two looks at a call that somebody waits for. */
export const GET_POLL_MIN_MS = 2;
/** The longest such pause. */
export const GET_POLL_MAX_MS = 100;

/** While calls run, how often a driver looks for those that are to be cancelled without being told. */
export const CANCEL_POLL_MS = 250;

/** How often an idle driver looks for calls that nobody told it of. */
export const SCAN_EVERY_MS = 1_000;
