/** What an environment's stack of this version of Tenon holds, as a whole number that grows with each addition to it. */
export const ENVIRONMENT_VERSION = 2;

/** The lowest version of an environment in which the Apps of this version of Tenon run. */
export const MIN_ENVIRONMENT_VERSION = 2;
