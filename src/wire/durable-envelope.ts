import { durableCallId } from "../model/call-ids.ts";
import type { FunctionRef } from "../model/function-spec.ts";
import type { Envelope } from "./envelope.ts";

/** The envelope of a call that is spawned: it has the id by which the call is found, and the tree that it begins has it too. */
export function asDurable(environment: string, ref: FunctionRef, envelope: Envelope): Envelope {
  const callId = durableCallId(environment, ref, envelope.callId);
  return { ...envelope, callId, root: envelope.root === envelope.callId ? callId : envelope.root };
}
