/** How long what is deployed is believed without being asked for again. */
export const MANIFEST_TRUST_MS = 60_000;

/** Pieces of an App that are asked for together, after the first one turned out not to be all of it. */
export const PIECES_AT_ONCE = 8;
