import { setTimeout as sleep } from "node:timers/promises";
import { endError, initialCall, isEnded, transition } from "../../model/call-state.ts";
import type { CallState } from "../../model/call-state.ts";
import { InvalidError } from "../../model/errors.ts";
import { newCallId, newInputId } from "../../model/ids.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { InvokeParams } from "../../ports/functions.ts";
import { decode, encode } from "../../wire/codec.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { decodeError } from "../../wire/error-codec.ts";
import { callerSignal } from "./target.ts";
import type { CallPlace, CallTarget } from "./target.ts";
import type { CallSettings } from "./call-types.ts";
import { watchCall } from "./deadline.ts";
import { callByOutcome, isTooLongToHold } from "./by-spawn.ts";
import { callHead, envelopeOf } from "./envelope.ts";

/** The holder of every delivery: the caller drives its own inputs alone. */
const CALLER = "caller";

/** One call by `remote`, to its result. Never throws: what goes wrong rejects. */
export function callRemote(target: CallTarget, args: readonly unknown[], settings: CallSettings | undefined): Promise<unknown> {
  try {
    const place = target.place();
    return place instanceof Promise ? place.then((found) => callAt(found, args, settings)) : callAt(place, args, settings);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/**
 * What follows an attempt that did not succeed: repeats it as the table of the call's states says, and gives the
 * decoded value or throws the call's error.
 */
export async function continueCall(
  place: CallPlace,
  envelope: Envelope,
  params: InvokeParams | undefined,
  first: AttemptResult,
): Promise<unknown> {
  const policy = place.spec.retries;
  let result = first;
  let state: CallState = transition(initialCall(), startOf(initialCall()), policy);
  for (;;) {
    const nowMs = Date.now();
    const retryAfterMs = result.status === "not-started" ? result.retryAfterMs : 0;
    const { attempt } = state;
    state = transition(
      state,
      { type: "result", delivery: state.delivery, lease: CALLER, status: result.status, nowMs, retryAfterMs },
      policy,
    );
    if (isEnded(state)) {
      if (state.by !== "attempt" || result.status === "lost" || result.status === "not-started")
        throw endError(state, envelope.callId, "reason" in result ? result.reason : undefined);
      if (result.status === "succeeded") return decode(result.value);
      throw decodeError(result.error);
    }
    const delayMs = state.status === "pending" ? Math.max(0, state.notBeforeMs - nowMs) : 0;
    report(place, envelope, result, attempt, delayMs);
    // Callers that were refused together must not come back together.
    await pause(result.status === "not-started" ? delayMs * (1 + Math.random() / 2) : delayMs, params?.signal);
    state = transition(state, params?.signal?.aborted === true ? { type: "cancel" } : startOf(state), policy);
    if (isEnded(state)) throw endError(state, envelope.callId);
    result = await place.backend.functions.invoke(place.ref, { ...envelope, attempt: state.attempt }, params);
  }
}

/** Throws `InvalidError` for a call in a way that is not meant for this kind of Function. */
export function refuseKind(place: CallPlace, kind: "function" | "generator", method: string): void {
  if (place.spec.kind === kind) return;
  const what = `Function "${place.ref.name}" of App "${place.ref.app}"`;
  if (kind === "generator")
    throw new InvalidError(`${what} is no generator, so it has no ${method}.`, {
      hint: "Call it by remote, or write it as async function*.",
    });
  throw new InvalidError(`${what} is a generator, which cannot be called by ${method}.`, { hint: "Call it by remoteGen." });
}

// --- Internal helpers ---

function callAt(place: CallPlace, args: readonly unknown[], settings: CallSettings | undefined): Promise<unknown> {
  if (place.spec.kind !== "function") refuseKind(place, "function", "remote");
  if (settings !== undefined) return watchedCall(place, args, settings);
  const envelope = envelopeOf(callHead(place, newCallId(), undefined), newInputId(), encode(args, "args"));
  const signal = callerSignal();
  return attemptAll(place, envelope, signal === undefined ? undefined : { signal });
}

function attemptAll(place: CallPlace, envelope: Envelope, params: InvokeParams | undefined): Promise<unknown> {
  if (isTooLongToHold(place)) return callByOutcome(place, envelope, params);
  return place.backend.functions
    .invoke(place.ref, envelope, params)
    .then((result) => (result.status === "succeeded" ? decode(result.value) : continueCall(place, envelope, params, result)));
}

async function watchedCall(place: CallPlace, args: readonly unknown[], settings: CallSettings): Promise<unknown> {
  const callId = settings.callId ?? newCallId();
  const deadline = settings.timeoutMs === undefined ? undefined : Date.now() + settings.timeoutMs;
  const envelope = envelopeOf(callHead(place, callId, deadline), newInputId(), encode(args, "args"));
  const watch = watchCall(callId, settings, callerSignal());
  try {
    const early = watch.error();
    if (early !== undefined) throw early;
    return await watch.guard(attemptAll(place, envelope, { signal: watch.signal }));
  } finally {
    watch.end();
  }
}

function startOf(state: CallState): {
  readonly type: "start";
  readonly delivery: number;
  readonly lease: string;
  readonly leaseUntilMs: null;
} {
  return { type: "start", delivery: state.delivery, lease: CALLER, leaseUntilMs: null };
}

async function pause(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  if (delayMs <= 0) return;
  // An abort ends the pause, and then the call.
  await sleep(delayMs, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}

function report(place: CallPlace, envelope: Envelope, result: AttemptResult, attempt: number, delayMs: number): void {
  const { sink, ref } = place;
  if (sink === undefined) return;
  const at = { app: ref.app, fn: ref.name, call: envelope.callId };
  if (result.status === "lost") sink({ code: "INPUT_LOST", ...at, reason: result.reason });
  else if (result.status === "failed" || result.status === "timed-out") {
    sink({ code: "INPUT_RETRIED", ...at, attempt, delayMs, error: `${result.error.className}: ${result.error.message}` });
  }
}
