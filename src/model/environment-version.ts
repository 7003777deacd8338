/** What an environment's stack of this version of Tenon holds, as a whole number that grows with each addition to it. */
export const ENVIRONMENT_VERSION = 2;

/** The lowest version of an environment in which the Apps of this version of Tenon run. */
export const MIN_ENVIRONMENT_VERSION = 2;

/** The variable of an App's dispatcher that holds the version that the environment had when the App was deployed. */
export const ENVIRONMENT_VERSION_VARIABLE = "TENON_ENVIRONMENT_VERSION";

/** What an environment of this version lacks for this Tenon's Apps, in words; `undefined` when it is new enough. `null`: it is missing. */
export function environmentLack(version: number | null): string | undefined {
  if (version === null) return "It is not there yet";
  if (version >= MIN_ENVIRONMENT_VERSION) return undefined;
  return `It has version ${version}, and this App needs version ${MIN_ENVIRONMENT_VERSION}`;
}
