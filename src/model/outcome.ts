import type { EncodedError, EncodedValue } from "./encoded.ts";

/** How a finished call ended: the one thing a caller ever learns of it. */
export type Outcome =
  | { readonly status: "succeeded"; readonly value: EncodedValue }
  | { readonly status: "failed"; readonly error: EncodedError }
  | { readonly status: "timed-out"; readonly error: EncodedError }
  | { readonly status: "cancelled"; readonly error: EncodedError };

/**
 * How one attempt ended. Beside the four outcomes an attempt can be lost (its container was killed from
 * outside) or never have started (the platform had no room, or the container was taken back first).
 */
export type AttemptResult =
  | Outcome
  | { readonly status: "lost"; readonly reason: string }
  | {
      readonly status: "not-started";
      readonly reason: string;
      readonly retryAfterMs: number;
      /** Whether what runs already leaves no room for it: the account's or the Function's concurrency. Only who asked is told. */
      readonly noRoom?: boolean | undefined;
      /** What to tell a caller whose time ends while nothing but this came. Only who asked is told. */
      readonly refusal?: Refusal | undefined;
    };

/** Why a platform does not start an input, in words for an error. */
export interface Refusal {
  /** A sentence. */
  readonly says: string;
  /** What to do about it: one sentence that begins with a verb. */
  readonly hint: string;
}
