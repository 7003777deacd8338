import type { AttemptResult, Outcome } from "../../model/outcome.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { Attempts } from "./attempts.ts";
import { outcomeWhenRoom, ownCall } from "./by-spawn.ts";
import type { OutgoingCall } from "./outgoing-call.ts";

/**
 * What `read` makes of the outcome of an input whose first attempt did not succeed: repeats it as often as the table of call
 * states says. A body's own call for which there is no room for a while is spawned. Rejects with the error of an input that ends
 * in another way than by its last attempt.
 *
 * `read` runs in here, so that an error that it throws has the frames of the caller: they are lost behind a further `await`.
 */
export async function followAttempts<T>(
  call: OutgoingCall,
  envelope: Envelope,
  first: AttemptResult,
  read: (outcome: Outcome) => T,
): Promise<T> {
  const attempts = new Attempts(call.callId, call.place.spec.retries);
  const refusals = new Refusals(call);
  let attempt = attempts.start(false);
  for (let result = first; ; result = await call.invoke({ ...envelope, attempt })) {
    const next = attempts.end(result);
    if (typeof next !== "number") {
      call.note(result);
      return read(next);
    }
    call.report(result, attempt, next);
    if (refusals.areTooMany(result)) return outcomeWhenRoom(call, ownCall(envelope), read);
    await call.pause(next);
    attempt = attempts.start(call.signal?.aborted === true);
  }
}

// --- Internal helpers ---

/** How long there has been no room for an input. */
class Refusals {
  /** Above all bounds where the caller holds no container, so that nobody waits for it. */
  readonly #mostMs: number;
  #sinceMs: number | undefined;

  constructor({ caller, place }: OutgoingCall) {
    const { farCaller } = place.backend.functions;
    this.#mostMs = caller === undefined || farCaller === undefined ? Number.POSITIVE_INFINITY : farCaller.refusedMs;
  }

  /** Notes one more result; says whether it has been refused for so long that it should wait elsewhere. */
  areTooMany(result: AttemptResult): boolean {
    if (result.status !== "not-started" || result.noRoom !== true) {
      this.#sinceMs = undefined;
      return false;
    }
    this.#sinceMs ??= performance.now();
    return performance.now() - this.#sinceMs >= this.#mostMs;
  }
}
