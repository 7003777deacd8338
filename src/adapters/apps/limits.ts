/** How long what is deployed is believed without being asked for again. */
export const MANIFEST_TRUST_MS = 60_000;
