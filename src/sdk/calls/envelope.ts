import { CallDepthError } from "../../model/errors.ts";
import type { EncodedValue } from "../../model/encoded.ts";
import { ENVELOPE_VERSION } from "../../wire/envelope.ts";
import type { Envelope, Origin } from "../../wire/envelope.ts";
import type { CallPlace } from "./target.ts";
import { inputContext } from "../../context/context.ts";
import { registry } from "../../context/registry.ts";

/** What every input of one call has in common. */
export interface CallHead {
  readonly callId: string;
  readonly root: string;
  readonly depth: number;
  readonly parent: string | undefined;
  readonly deadline: number | undefined;
}

/**
 * The head of a call made here and now: inside a body it continues that input's tree and keeps the earlier of both
 * deadlines. Throws `CallDepthError` deeper than the App allows.
 */
export function callHead(place: CallPlace, callId: string, deadline: number | undefined): CallHead {
  const caller = inputContext.getStore();
  if (caller === undefined) return { callId, root: callId, depth: 0, parent: undefined, deadline };
  const depth = caller.depth + 1;
  if (depth > place.maxCallDepth) {
    throw new CallDepthError(
      `Calls nest ${depth} deep at Function "${place.ref.name}" of App "${place.ref.app}"; the limit is ${place.maxCallDepth}.`,
      {
        hint: "Look for a Function that calls itself for ever, or raise maxCallDepth of the App.",
      },
    );
  }
  const until = caller.deadlineAtMs;
  const earlier = deadline === undefined || (until !== undefined && until < deadline) ? until : deadline;
  return { callId, root: caller.root, depth, parent: caller.inputId, deadline: earlier };
}

/** The envelope of one input's first attempt. */
export function envelopeOf(head: CallHead, inputId: string, args: EncodedValue): Envelope {
  const { callId, root, depth, parent, deadline } = head;
  if (parent === undefined && deadline === undefined) return { v: ENVELOPE_VERSION, callId, inputId, attempt: 1, args, root, depth };
  return {
    v: ENVELOPE_VERSION,
    callId,
    inputId,
    attempt: 1,
    args,
    root,
    depth,
    ...(parent === undefined ? undefined : { parent, ...originOf() }),
    ...(deadline === undefined ? undefined : { deadline }),
  };
}

// --- Internal helpers ---

/** The App that calls, as far as a container knows its own. */
function originOf(): { readonly origin: Origin } | undefined {
  const { containerApp: app, containerVersion: version } = registry();
  return app === undefined || version === undefined ? undefined : { origin: { app, version } };
}
