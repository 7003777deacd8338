import { InvalidError } from "../../model/errors.ts";
import { checkCallId } from "../../model/names.ts";
import { FunctionCall } from "../function-call.ts";
import type { CallSettings } from "./call-types.ts";
import { OutgoingCall } from "./outgoing-call.ts";
import { refuseKind } from "./target.ts";
import type { CallTarget } from "./target.ts";

/** Has a call accepted, and gives its handle. Rejects with `InvalidError` for settings that need a caller who waits. */
export async function spawnCall(target: CallTarget, args: readonly unknown[], settings: CallSettings | undefined): Promise<FunctionCall> {
  if (settings?.timeoutMs !== undefined || settings?.signal !== undefined) throw noWaiter(target, settings);
  const place = await target.place();
  refuseKind(place, "function", "spawn");
  const call = new OutgoingCall(place, settings);
  return FunctionCall.spawned(await place.backend.calls.spawn(place.ref, call.envelope(args)), place.backend);
}

/** The call that a caller has spawned, or will spawn, with an id of its own. Whether there is one, its first use says. */
export async function spawnedCall(target: CallTarget, callId: string): Promise<FunctionCall> {
  const place = await target.place();
  return FunctionCall.spawned(await place.backend.calls.idOf(place.ref, checkCallId(callId)), place.backend);
}

// --- Internal helpers ---

function noWaiter(target: CallTarget, settings: CallSettings): InvalidError {
  const given = settings.signal === undefined ? "timeoutMs" : "signal";
  return new InvalidError(`${target.what} is spawned with a ${given}. A spawned call goes on without its caller.`, {
    hint: "Give timeoutMs to get(), and end the call by cancel().",
  });
}
