import type { EncodedValue } from "../model/encoded.ts";

/** The version of the envelope that this Tenon writes; it refuses any other with `VersionError`. */
export const ENVELOPE_VERSION = 1;

/** Who made the call. */
export interface Origin {
  readonly app: string;
  readonly version: string;
}

/** One input on its way to a container. */
export interface Envelope {
  readonly v: typeof ENVELOPE_VERSION;
  /** `fc-…`: the call, and the caller's idempotency key. */
  readonly callId: string;
  /** `in-…`: the input within the call. */
  readonly inputId: string;
  /** 1 for the first attempt; repeats of lost attempts keep their number. */
  readonly attempt: number;
  /** The argument list. */
  readonly args: EncodedValue;
  readonly method?: string;
  readonly params?: EncodedValue;
  /** Epoch milliseconds after which nobody waits for the outcome. */
  readonly deadline?: number;
  /** The input that made this call. */
  readonly parent?: string;
  /** The call at the top of the tree; its own id for a call from outside. */
  readonly root: string;
  /** 0 for a call from outside. */
  readonly depth: number;
  readonly origin?: Origin;
  readonly traceparent?: string;
}
