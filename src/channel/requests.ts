import type { EncodedError } from "../model/encoded.ts";
import { ClientClosedError } from "../model/errors.ts";
import { onAbort } from "../util/on-abort.ts";
import { decodeError } from "../wire/error-codec.ts";
import { FrameType, type FrameHandler } from "../wire/frame.ts";
import type { Channel } from "./channel.ts";

/** Who waits for the answer of one request. */
export interface Pending {
  /** An error that it throws is the request's. */
  readonly resolve: (text: string, parts: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
  readonly onItem?: ((head: string, parts: readonly Uint8Array[]) => void) | undefined;
  /** The channel is gone; default: `reject` with `ClientClosedError`. */
  readonly onLost?: ((reason: string) => void) | undefined;
}

/** The asking end of a channel: requests that wait for their answers. */
export interface Requests {
  /** Sends a request and gives its number. An aborted signal is sent as a cancel request, until the answer is there. */
  open(head: string, parts: readonly Uint8Array[], pending: Pending, signal?: AbortSignal): number;
  /** Sends a cancel request for what is still wanted by nobody. */
  cancel(seq: number): void;
  /** Allows the other end to make so many more items. */
  credit(seq: number, count: number): void;
  /** Give it every frame from {@link FrameType.request} up. */
  readonly onFrame: FrameHandler;
  readonly onClose: (reason: string) => void;
}

interface Waiting extends Pending {
  unwatch: (() => void) | undefined;
}

/** Makes the asking end of a channel. */
export function createRequests(channel: Channel): Requests {
  const waiting = new Map<number, Waiting>();
  let lastSeq = 0;
  let closedReason: string | null = null;

  const cancel = (seq: number): void => channel.send(FrameType.cancelRequest, seq, "");
  const settle = (seq: number): void => {
    waiting.get(seq)?.unwatch?.();
    waiting.delete(seq);
  };
  return {
    open(head, parts, pending, signal) {
      const seq = (lastSeq = (lastSeq + 1) >>> 0);
      if (closedReason !== null || channel.closed) {
        pending.reject(closedError(closedReason));
        return seq;
      }
      const entry: Waiting = { ...pending, unwatch: undefined };
      waiting.set(seq, entry);
      channel.send(FrameType.request, seq, head, parts);
      if (signal !== undefined) entry.unwatch = onAbort(signal, () => cancel(seq));
      return seq;
    },
    cancel,
    credit: (seq, count) => channel.send(FrameType.credit, seq, String(count)),
    onFrame(type, seq, head, parts) {
      const entry = waiting.get(seq);
      if (entry === undefined) return;
      try {
        if (type === FrameType.event) {
          entry.onItem?.(head, parts);
          return;
        }
        if (type === FrameType.response) entry.resolve(head, parts);
        else entry.reject(decodeError(JSON.parse(head) as EncodedError));
      } catch (error) {
        // An answer that can't be read fails its own request, not every request of this channel.
        entry.reject(error as Error);
      }
      settle(seq);
    },
    onClose(reason) {
      closedReason = reason;
      for (const [seq, entry] of [...waiting]) {
        settle(seq);
        if (entry.onLost !== undefined) entry.onLost(reason);
        else entry.reject(closedError(reason));
      }
    },
  };
}

// --- Internal helpers ---

function closedError(reason: string | null): ClientClosedError {
  return new ClientClosedError(`The connection to the App's host is closed${reason === null ? "" : `: ${reason}`}.`);
}
