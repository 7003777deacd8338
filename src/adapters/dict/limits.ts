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
