import { InputCancelledError } from "../../model/errors.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import type { FunctionsPort } from "../../ports/functions.ts";
import { encodeError } from "../../wire/error-codec.ts";
import type { HostClients } from "./host-clients.ts";

/** Attempts of Functions that are deployed on this machine: their hosts run them, and start when they are called. */
export function createDeployedFunctions(hosts: HostClients): FunctionsPort {
  return {
    async invoke(ref, envelope, params) {
      for (;;) {
        const [connection, release] = await hosts.reach(ref);
        try {
          if (params?.signal?.aborted === true) return cancelled(envelope.callId);
          return await connection.backend.functions.invoke(ref, envelope, params);
        } catch (error) {
          if (!hosts.isUnsent(error, connection)) throw error;
        } finally {
          release();
        }
      }
    },
    async *stream(ref, envelope, params) {
      const [connection, release] = await hosts.reach(ref);
      try {
        return yield* connection.backend.functions.stream(ref, envelope, params);
      } finally {
        release();
      }
    },
  };
}

// --- Internal helpers ---

function cancelled(callId: string): AttemptResult {
  return { status: "cancelled", error: encodeError(new InputCancelledError(`Call "${callId}" was cancelled.`)) };
}
