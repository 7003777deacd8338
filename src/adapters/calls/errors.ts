import {
  AlreadyExistsError,
  InputCancelledError,
  InternalFailure,
  NotFoundError,
  OutputExpiredError,
  OutputTimeoutError,
} from "../../model/errors.ts";
import type { FunctionRef } from "../../model/function-spec.ts";
import { CALL_RETENTION_MS } from "./limits.ts";

/** A call id that this environment has no row for. */
export function unknownCall(callId: string, environment: string): NotFoundError {
  return new NotFoundError(`Call "${callId}" is not known in environment "${environment}".`, {
    hint: "Check the id, and the environment (TENON_ENVIRONMENT). Only spawned calls have ids that are known.",
  });
}

/** A call id that a call of the same Function has already, with another input. */
export function otherInput(ref: FunctionRef, callId: string): AlreadyExistsError {
  return new AlreadyExistsError(
    `Function "${ref.name}" of App "${ref.app}" has a call "${callId}" already, with another input. A callId stands for one input.`,
    { hint: "Give each input a callId of its own, or give the arguments of the first call again." },
  );
}

/** A call that ended longer ago than its outcome is kept. */
export function expiredCall(callId: string, finishedAtMs: number): OutputExpiredError {
  const days = CALL_RETENTION_MS / 86_400_000;
  return new OutputExpiredError(
    `The output of call "${callId}" of ${new Date(finishedAtMs).toISOString()} has expired; outputs are kept for ${days} days.`,
    {
      hint: "Keep what must live longer in a Dict or a bucket.",
    },
  );
}

/** The caller's patience ended before the call did. */
export function unfinishedCall(callId: string, timeoutMs: number): OutputTimeoutError {
  return new OutputTimeoutError(`Call "${callId}" has no output after ${timeoutMs} ms.`, {
    hint: "Call get again later, or give it a larger timeoutMs: the call goes on.",
  });
}

/** A call of a running App whose run is over. */
export function orphanedCall(callId: string): InputCancelledError {
  return new InputCancelledError(`Call "${callId}" was cancelled: the run of its App has ended.`, {
    hint: "Deploy the App (tenon deploy --local) for calls that outlive their caller: those of a running App end with it.",
  });
}

/** A call that was cancelled before an attempt of it could end. */
export function cancelledCall(callId: string): InputCancelledError {
  return new InputCancelledError(`Call "${callId}" was cancelled.`);
}

/** The same of a call on AWS that nobody has started: only the account knows why. */
export function unstartedCall(callId: string, timeoutMs: number): OutputTimeoutError {
  return new OutputTimeoutError(`Call "${callId}" has no output after ${timeoutMs} ms. It has not started.`, {
    hint: "Call get again later, and run `tenon app list` to see whether its App is stopped: `tenon deploy` starts it again.",
  });
}

/** So many others write the state of one call that no step of ours comes through. */
export function stuckCall(callId: string, tries: number): InternalFailure {
  return new InternalFailure(`The state of call "${callId}" changed ${tries} times while it was to be written.`);
}
