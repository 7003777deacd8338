/**
 * A delay of half to one and a half times `ms`, `ms` on average: those who were refused together do not come back
 * together. `random` gives numbers from 0 up to 1.
 */
export function jittered(ms: number, random: () => number = Math.random): number {
  return Math.round(ms * (0.5 + random()));
}
