import type { FunctionRef } from "../model/function-spec.ts";
import { InvalidError } from "../model/errors.ts";
import type { Backend } from "../ports/backend.ts";
import { STREAM_WINDOW_ITEMS } from "../ports/functions.ts";
import { decodeEnvelope } from "../wire/envelope.ts";
import { encodeError } from "../wire/error-codec.ts";
import { FrameType, type FrameHandler } from "../wire/frame.ts";
import { encodeResult } from "../wire/result.ts";
import { encodeItem } from "./client.ts";
import type { Channel } from "./channel.ts";
import { createCredit, type Credit } from "./credit.ts";

/** A served channel. */
export interface ServedBackend {
  /** Give it every frame that is not the container's own. */
  readonly onFrame: FrameHandler;
  /** The caller is gone: what it waited for is cancelled. */
  readonly onClose: () => void;
  /** Requests under way. */
  readonly active: number;
}

/** What the server of a channel may be told about. */
export interface ServeObserver {
  /** A request that waits for a call began, made by the input `parent`; what it gives back is called when it has ended. */
  onWait?(parent: string | undefined): () => void;
}

/** Answers the requests of a {@link import("./client.ts").channelBackend} with a backend. */
export function serveBackend(channel: Channel, backend: Backend, observer: ServeObserver = {}): ServedBackend {
  const controllers = new Map<number, AbortController>();
  const credits = new Map<number, Credit>();
  let active = 0;

  const fail = (seq: number, error: unknown): void => channel.send(FrameType.failure, seq, JSON.stringify(encodeError(error)));
  const respond = (seq: number, value: unknown): void =>
    channel.send(FrameType.response, seq, value === undefined ? "" : JSON.stringify(value));
  const signalOf = (seq: number): AbortSignal => {
    const controller = new AbortController();
    controllers.set(seq, controller);
    return controller.signal;
  };

  const call = (op: "invoke" | "stream" | "spawn", seq: number, rest: string, parts: readonly Uint8Array[]): Promise<void> => {
    const afterApp = rest.indexOf("\n");
    const afterName = rest.indexOf("\n", afterApp + 1);
    const ref: FunctionRef = { app: rest.slice(0, afterApp), name: rest.slice(afterApp + 1, afterName) };
    const envelope = decodeEnvelope(rest.slice(afterName + 1), parts);
    if (op === "spawn") return backend.calls.spawn(ref, envelope).then(() => respond(seq, undefined));
    const waited = observer.onWait?.(envelope.parent);
    if (op === "invoke") {
      return backend.functions
        .invoke(ref, envelope, { signal: signalOf(seq) })
        .then((result) => {
          const encoded = encodeResult(result);
          channel.send(FrameType.response, seq, encoded.text, encoded.parts);
        })
        .finally(waited);
    }
    return stream(ref, envelope, seq).finally(waited);
  };

  const stream = async (ref: FunctionRef, envelope: Parameters<Backend["functions"]["stream"]>[1], seq: number): Promise<void> => {
    const credit = createCredit(STREAM_WINDOW_ITEMS);
    credits.set(seq, credit);
    const items = backend.functions.stream(ref, envelope, { signal: signalOf(seq) });
    for (;;) {
      const next = await items.next();
      if (next.done === true) {
        const encoded = encodeResult(next.value);
        channel.send(FrameType.response, seq, encoded.text, encoded.parts);
        return;
      }
      channel.send(FrameType.event, seq, encodeItem(next.value), next.value.parts);
      await credit.take();
    }
  };

  const answer = async (op: string, seq: number, rest: string): Promise<void> => {
    const params = JSON.parse(rest) as {
      readonly callId: string;
      readonly app: string;
      readonly timeoutMs?: number;
      readonly terminateContainers?: boolean;
      readonly parent?: string;
    };
    switch (op) {
      case "get": {
        const waited = observer.onWait?.(params.parent);
        const found = backend.calls.get(params.callId, { timeoutMs: params.timeoutMs, signal: signalOf(seq) });
        const encoded = encodeResult(await found.finally(waited));
        return channel.send(FrameType.response, seq, encoded.text, encoded.parts);
      }
      case "cancel":
        return respond(seq, await backend.calls.cancel(params.callId, { terminateContainers: params.terminateContainers }));
      case "status":
        return respond(seq, await backend.calls.status(params.callId));
      case "manifest":
        return respond(seq, await backend.apps.manifest(params.app));
      case "list":
        return respond(seq, await backend.apps.list());
      case "stop":
        return respond(seq, await backend.apps.stop(params.app));
      default:
        throw new InvalidError(`request "${op}" is unknown to this version of Tenon`, { hint: "both ends must run the same version" });
    }
  };

  const handle = async (seq: number, head: string, parts: readonly Uint8Array[]): Promise<void> => {
    const line = head.indexOf("\n");
    const op = head.slice(0, line);
    const rest = head.slice(line + 1);
    if (op === "invoke" || op === "stream" || op === "spawn") await call(op, seq, rest, parts);
    else await answer(op, seq, rest);
  };

  return {
    get active() {
      return active;
    },
    onFrame(type, seq, head, parts) {
      if (type === FrameType.request) {
        active++;
        handle(seq, head, parts)
          .catch((error: unknown) => fail(seq, error))
          .finally(() => {
            active--;
            controllers.delete(seq);
            credits.delete(seq);
          });
      } else if (type === FrameType.cancelRequest) {
        controllers.get(seq)?.abort();
        credits.get(seq)?.open();
      } else if (type === FrameType.credit) credits.get(seq)?.give(Number(head));
    },
    onClose() {
      for (const controller of controllers.values()) controller.abort();
      for (const credit of credits.values()) credit.open();
    },
  };
}
