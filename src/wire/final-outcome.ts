import { endError, type EndedCall } from "../model/call-state.ts";
import type { AttemptResult, Outcome } from "../model/outcome.ts";
import { encodeError } from "./error-codec.ts";

/**
 * The outcome of a call that has just ended: what its last attempt brought, or, when that is not what ended it (too
 * many losses, a cancel), the error that says so. `result` is the last attempt's, if there was one.
 */
export function finalOutcome(callId: string, state: EndedCall, result?: AttemptResult): Outcome {
  const reason = result !== undefined && "reason" in result ? result.reason : undefined;
  if (state.by === "attempt" && result !== undefined && result.status !== "lost" && result.status !== "not-started") return result;
  const error = encodeError(endError(state, callId, reason));
  return { status: state.status === "cancelled" ? "cancelled" : "failed", error };
}
