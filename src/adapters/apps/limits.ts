/** How long what is deployed is believed without being asked for again. */
export const MANIFEST_TRUST_MS = 60_000;

/**
 * How long a container believes what is deployed of another App: all containers of an account share 40 requests a second, and
 * one that finds something missing asks again at once.
 */
export const CONTAINER_TRUST_MS = 900_000;

/** Pieces of an App that are asked for together: the names that one GetParameters takes. */
export const PIECES_AT_ONCE = 10;
