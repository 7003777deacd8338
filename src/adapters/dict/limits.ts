const DAY_MS = 24 * 60 * 60 * 1_000;

/** How long a pair lives after its last write or read, as in Modal. */
export const DICT_EXPIRY_MS = 7 * DAY_MS;

/** A read counts for the expiry of a pair when its last write or counted read is at least so long ago. */
export const DICT_TOUCH_MS = DAY_MS;

/** Bytes of a pair, key and value encoded: Modal's limit. */
export const MAX_PAIR_BYTES = 100 * 1024 * 1024;

/** Pairs of one `update`: Modal's limit. */
export const MAX_UPDATE_ENTRIES = 10_000;

/** The most that `len` says, as in Modal. */
export const MAX_LEN = 100_000;

/** Bytes of a value up to which it lies in the row of its key on this machine; a larger one has a row of its own. */
export const LOCAL_INLINE_BYTES = 4 * 1024;

/** Characters of a key's text up to which it is part of its row's key, which LMDB limits to 1,978 bytes; of a longer one its hash is. */
export const LOCAL_KEY_CHARS = 400;

/** Rows that one transaction or one page takes on this machine, so that nobody waits long for either. */
export const LOCAL_BATCH_ROWS = 1_000;

/** Bytes of values after which a page or a transaction takes no further ones. */
export const LOCAL_BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Bytes of a value up to which it lies in the row of its key on AWS. With a key of ordinary size such a row takes one read
 * unit (4 KB), so that `get` and `contains` cost the same with and without it, and `len` and `keys`, which read whole rows,
 * cost one unit a pair at most. A value that lies apart costs a second read, and to replace it two more writes of its size.
 */
export const AWS_INLINE_BYTES = 3 * 1_024;

/**
 * Bytes of a value up to which it is a row of its own on AWS; a larger one is an object in S3. At 16 KiB a put of a row costs
 * twice what one of an object costs, at 64 KiB seven times; docs/costs.md has the figures.
 */
export const AWS_ROW_BYTES = 16 * 1_024;

/** How long the row of a value stays after the pair has expired that it belonged to, so that a touch need not rewrite it each time. */
export const AWS_VALUE_ROW_MS = 23 * DAY_MS;

/** How long a process believes that a Dict is still there before it looks again. */
export const AWS_ALIVE_MS = 1_000;

/** Values in S3, and touches, that one operation has under way at the same time. */
export const AWS_AT_ONCE = 8;

/** Pairs whose values are read together. */
export const AWS_PAGE_PAIRS = 100;

/** How often a read looks again when the value it was sent to has just been replaced. */
export const AWS_READ_TRIES = 20;

/** How old an object in S3 must be before the sweeper looks whether a pair points to it. */
export const AWS_ORPHAN_AGE_MS = DAY_MS;
