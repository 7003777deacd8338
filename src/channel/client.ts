import type { EncodedError, EncodedValue } from "../model/encoded.ts";
import { ClientClosedError, ExecutionError } from "../model/errors.ts";
import type { AttemptResult, Outcome } from "../model/outcome.ts";
import type { Backend } from "../ports/backend.ts";
import { encodeEnvelope } from "../wire/envelope.ts";
import { decodeError } from "../wire/error-codec.ts";
import { checkFrameSize, FrameType, type FrameHandler } from "../wire/frame.ts";
import { onAbort } from "../util/on-abort.ts";
import { decodeResult } from "../wire/result.ts";
import type { Channel } from "./channel.ts";
import { createItemQueue } from "./item-queue.ts";

/** A backend at the other end of a channel. */
export interface ChannelBackend extends Backend {
  /** Give it every frame from {@link FrameType.request} up. */
  readonly onFrame: FrameHandler;
  /** The channel is gone: attempts under way are lost, everything else rejects. */
  readonly onClose: (reason: string) => void;
}

interface Pending {
  readonly resolve: (text: string, parts: readonly Uint8Array[]) => void;
  readonly reject: (error: Error) => void;
  readonly onItem?: (head: string, parts: readonly Uint8Array[]) => void;
  readonly onLost?: (reason: string) => void;
}

/**
 * Speaks to the backend that {@link serveBackend} serves at the other end. `currentInput` says, inside a container,
 * which input asks.
 */
export function channelBackend(
  channel: Channel,
  identity: Pick<Backend, "kind" | "environment">,
  currentInput: () => string | undefined = () => undefined,
): ChannelBackend {
  const pending = new Map<number, Pending>();
  let lastSeq = 0;
  let closedReason: string | null = null;

  const open = (head: string, parts: readonly Uint8Array[], entry: Pending): number => {
    const seq = (lastSeq = (lastSeq + 1) >>> 0);
    if (closedReason !== null || channel.closed) {
      entry.reject(new ClientClosedError(`the connection to the App's host is closed${closedReason === null ? "" : `: ${closedReason}`}`));
      return seq;
    }
    pending.set(seq, entry);
    channel.send(FrameType.request, seq, head, parts);
    return seq;
  };
  const ask = <T>(op: string, params: unknown): Promise<T> =>
    new Promise((resolve, reject) => {
      open(`${op}\n${JSON.stringify(params)}`, [], {
        resolve: (text) => resolve((text === "" ? undefined : JSON.parse(text)) as T),
        reject,
      });
    });
  const watch = (signal: AbortSignal | undefined, seq: number): (() => void) => {
    if (signal === undefined) return () => {};
    const cancel = (): void => channel.send(FrameType.cancelRequest, seq, "");
    return onAbort(signal, cancel);
  };

  return {
    ...identity,
    functions: {
      invoke(ref, envelope, params) {
        return new Promise<AttemptResult>((resolve, reject) => {
          checkFrameSize(envelope.args.text, envelope.args.parts);
          const { text, parts } = encodeEnvelope(envelope);
          let unwatch = (): void => {};
          const seq = open(`invoke\n${ref.app}\n${ref.name}\n${text}`, parts, {
            resolve: (result, resultParts) => {
              unwatch();
              resolve(decodeResult(result, resultParts));
            },
            reject: (error) => {
              unwatch();
              reject(error);
            },
            onLost: (reason) => resolve({ status: "lost", reason }),
          });
          if (params?.signal !== undefined) unwatch = watch(params.signal, seq);
        });
      },
      async *stream(ref, envelope, params) {
        checkFrameSize(envelope.args.text, envelope.args.parts);
        const { text, parts } = encodeEnvelope(envelope);
        const items = createItemQueue<EncodedValue, AttemptResult>((count) => channel.send(FrameType.credit, seq, String(count)));
        const seq: number = open(`stream\n${ref.app}\n${ref.name}\n${text}`, parts, {
          resolve: (result, resultParts) => items.end(decodeResult(result, resultParts)),
          reject: (error) => items.fail(error),
          onItem: (head, itemParts) => items.push(decodeItem(head, itemParts)),
          onLost: (reason) => items.end({ status: "lost", reason }),
        });
        const unwatch = watch(params?.signal, seq);
        try {
          return yield* items.drain();
        } finally {
          unwatch();
          if (!items.ended) channel.send(FrameType.cancelRequest, seq, "");
        }
      },
    },
    calls: {
      spawn(ref, envelope) {
        return new Promise((resolve, reject) => {
          checkFrameSize(envelope.args.text, envelope.args.parts);
          const { text, parts } = encodeEnvelope(envelope);
          open(`spawn\n${ref.app}\n${ref.name}\n${text}`, parts, { resolve: () => resolve(), reject });
        });
      },
      get(callId, params) {
        return new Promise<Outcome>((resolve, reject) => {
          let unwatch = (): void => {};
          const request = { callId, timeoutMs: params?.timeoutMs, parent: currentInput() };
          const seq = open(`get\n${JSON.stringify(request)}`, [], {
            resolve: (text, parts) => {
              unwatch();
              resolve(decodeResult(text, parts) as Outcome);
            },
            reject: (error) => {
              unwatch();
              reject(error);
            },
          });
          unwatch = watch(params?.signal, seq);
        });
      },
      cancel: (callId, params) => ask("cancel", { callId, terminateContainers: params?.terminateContainers }),
      status: (callId) => ask("status", { callId }),
    },
    apps: {
      manifest: (app) => ask("manifest", { app }),
      list: () => ask("list", {}),
      stop: (app) => ask("stop", { app }),
      logs: () => {
        throw new ExecutionError("logs can't be read from inside a Function", {
          hint: "read them with `tenon app logs` or from a client outside",
        });
      },
    },
    close: () => {
      channel.end();
      return Promise.resolve();
    },
    onFrame(type, seq, head, parts) {
      const entry = pending.get(seq);
      if (entry === undefined) return;
      try {
        if (type === FrameType.event) {
          entry.onItem?.(head, parts);
          return;
        }
        if (type === FrameType.response) entry.resolve(head, parts);
        else entry.reject(decodeError(JSON.parse(head) as EncodedError));
      } catch (error) {
        // An answer that can't be read is that call's trouble, not that of every call on this channel.
        entry.reject(error as Error);
      }
      pending.delete(seq);
    },
    onClose(reason) {
      closedReason = reason;
      const waiting = [...pending.values()];
      pending.clear();
      for (const entry of waiting) {
        if (entry.onLost !== undefined) entry.onLost(reason);
        else entry.reject(new ClientClosedError(`the connection to the App's host is closed: ${reason}`));
      }
    },
  };
}

/** The head of an item frame. */
export function encodeItem(item: EncodedValue): string {
  return item.codec === "json" ? `j${item.text}` : `d${item.text}`;
}

/** The item of an item frame. */
export function decodeItem(head: string, parts: readonly Uint8Array[]): EncodedValue {
  return { codec: head.startsWith("j") ? "json" : "devalue", text: head.slice(1), parts };
}
