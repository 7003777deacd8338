import { outcomeOf } from "../model/call-outcome.ts";
import type { EndedCall } from "../model/call-state.ts";
import type { AttemptResult, Outcome } from "../model/outcome.ts";
import { decode } from "./codec.ts";
import { decodeError, encodeError } from "./error-codec.ts";

/** {@link outcomeOf} in the form that is stored and sent. */
export function finalOutcome(callId: string, state: EndedCall, result?: AttemptResult): Outcome {
  const outcome = outcomeOf(callId, state, result);
  if (!(outcome instanceof Error)) return outcome;
  return { status: state.status === "cancelled" ? "cancelled" : "failed", error: encodeError(outcome) };
}

/** What the caller gets of an outcome: its value. Throws the call's error, or `DeserializationError` for a value that can't be read. */
export function valueOf(outcome: Outcome): unknown {
  if (outcome.status === "succeeded") return decode(outcome.value);
  throw decodeError(outcome.error);
}
