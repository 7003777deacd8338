import { decode } from "../../wire/codec.ts";
import type { Envelope } from "../../wire/envelope.ts";
import { valueOf } from "../../wire/final-outcome.ts";
import { goesBySpawn, outcomeBySpawn } from "./by-spawn.ts";
import type { CallSettings } from "./call-types.ts";
import { followAttempts } from "./follow-attempts.ts";
import { OutgoingCall } from "./outgoing-call.ts";
import { refuseKind } from "./target.ts";
import type { CallPlace, CallTarget } from "./target.ts";

/** One call by `remote`, to its result. Never throws: what goes wrong rejects. */
export function callRemote(target: CallTarget, args: readonly unknown[], settings: CallSettings | undefined): Promise<unknown> {
  try {
    const place = target.place();
    return place instanceof Promise ? place.then((found) => callAt(found, args, settings)) : callAt(place, args, settings);
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

// --- Internal helpers ---

function callAt(place: CallPlace, args: readonly unknown[], settings: CallSettings | undefined): Promise<unknown> {
  refuseKind(place, "function", "remote");
  const call = new OutgoingCall(place, settings);
  const envelope = call.envelope(args);
  if (settings !== undefined) return watched(call, envelope, settings);
  return run(call, envelope);
}

async function watched(call: OutgoingCall, envelope: Envelope, settings: CallSettings): Promise<unknown> {
  call.watch(settings);
  try {
    if (call.early !== undefined) throw call.early;
    return await call.guard(run(call, envelope));
  } finally {
    call.end();
  }
}

function run(call: OutgoingCall, envelope: Envelope): Promise<unknown> {
  if (goesBySpawn(call.place)) return outcomeBySpawn(call, envelope, valueOf);
  return call
    .invoke(envelope)
    .then((result) => (result.status === "succeeded" ? decode(result.value) : followAttempts(call, envelope, result, valueOf)));
}
