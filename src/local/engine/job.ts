import type { EncodedError, EncodedValue } from "../../model/encoded.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";

/** One attempt on its way through a pool. */
export interface Job {
  /** Name of the Function. */
  readonly fn: string;
  readonly envelope: Envelope;
  /** Takes the one result. */
  readonly settle: (result: AttemptResult) => void;
  readonly onItem: ((item: EncodedValue) => void) | null;
  /** Set while a container has it. */
  seq: number;
  /** Epoch milliseconds until which the container may start it; 0 for the one that it starts at once. */
  startBeforeMs: number;
  /** When it came to the front of its container, 0 before. */
  headSinceMs: number;
  /** Calls of its own that it waits for, and one more while a generator waits for credit. */
  waits: number;
  /** Items that a generator may still make; it waits when none is left. */
  credit: number;
  /** Set once its caller has given up: it settles with this instead of going back into the queue. */
  cancelled: EncodedError | null;
  /** Forgets the caller's signal. */
  unwatch: (() => void) | null;
  /** Epoch milliseconds of that, 0 before. */
  cancelledAtMs: number;
}
