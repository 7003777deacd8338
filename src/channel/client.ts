import type { AttemptResult } from "../model/outcome.ts";
import { APP_PORTS, type AppPorts, type Backend, OBJECT_PORTS, type ObjectPorts } from "../ports/backend.ts";
import type { FunctionsPort } from "../ports/functions.ts";
import { makePorts, type PortMethod } from "../ports/make-port.ts";
import type { Operation } from "../ports/operation.ts";
import { compilePath } from "../util/value-path.ts";
import { encodeEnvelope } from "../wire/envelope.ts";
import { checkFrameSize, type FrameHandler } from "../wire/frame.ts";
import { createPacker } from "../wire/parcel.ts";
import { decodeResult } from "../wire/result.ts";
import type { Channel } from "./channel.ts";
import { createItemQueue } from "./item-queue.ts";
import { requestHead } from "./request-head.ts";
import { createRequests, type Requests } from "./requests.ts";

/** A backend at the other end of a channel. */
export interface ChannelBackend extends Backend {
  /** Give it every frame from {@link FrameType.request} up. */
  readonly onFrame: FrameHandler;
  /** The channel is gone: attempts under way are lost, everything else rejects. */
  readonly onClose: (reason: string) => void;
}

/**
 * Speaks to the backend that {@link serveBackend} serves at the other end. `currentInput` says, inside a container, which
 * input asks.
 */
export function channelBackend(
  channel: Channel,
  identity: Pick<Backend, "kind" | "environment">,
  currentInput: () => string | undefined = () => undefined,
): ChannelBackend {
  const requests = createRequests(channel);
  const make = (port: string, method: string, operation: Operation): PortMethod =>
    createMethod(requests, `${port}.${method}`, operation, currentInput);
  const appPorts = makePorts<AppPorts>(APP_PORTS, make);
  return {
    ...identity,
    ...appPorts,
    functions: { ...appPorts.functions, invoke: createInvoke(requests) },
    objects: makePorts<ObjectPorts>(OBJECT_PORTS, make),
    close: () => {
      channel.end();
      return Promise.resolve();
    },
    onFrame: requests.onFrame,
    onClose: requests.onClose,
  };
}

// --- Internal helpers ---

/** One operation over a channel, from its data. */
function createMethod(requests: Requests, name: string, operation: Operation, currentInput: () => string | undefined): PortMethod {
  const args = createPacker(operation.values?.args);
  const answer = createPacker(operation.values?.answer);
  const item = createPacker(operation.values?.item);
  const parentOf = operation.parent === undefined ? undefined : compilePath(operation.parent).get;

  const request = (given: readonly unknown[]): { head: string; parts: readonly Uint8Array[]; signal: AbortSignal | undefined } => {
    const { sent, signal } = takeSignal(given, operation.signal);
    const { text, parts } = args.pack(sent);
    checkFrameSize(text, parts);
    return { head: requestHead(name, (parentOf?.(given) as string | undefined) ?? currentInput(), text), parts, signal };
  };
  const lost = (settle: (answer: unknown) => void): ((reason: string) => void) | undefined =>
    operation.answersLost === true ? (reason) => settle({ status: "lost", reason }) : undefined;

  if (operation.shape === "stream") {
    return async function* (...given) {
      const { head, parts, signal } = request(given);
      const items = createItemQueue<unknown, unknown>((count) => requests.credit(seq, count));
      const seq: number = requests.open(
        head,
        parts,
        {
          resolve: (text, answerParts) => items.end(answer.unpack(text, answerParts)),
          reject: (error) => items.fail(error),
          onItem: (text, itemParts) => items.push(item.unpack(text, itemParts)),
          onLost: lost((ending) => items.end(ending)),
        },
        signal,
      );
      try {
        return yield* items.drain();
      } finally {
        if (!items.ended) requests.cancel(seq);
      }
    };
  }
  return (...given) =>
    new Promise<unknown>((resolve, reject) => {
      const { head, parts, signal } = request(given);
      const settle = (text: string, answerParts: readonly Uint8Array[]): void => resolve(answer.unpack(text, answerParts));
      requests.open(head, parts, { resolve: settle, reject, onLost: lost(resolve) }, signal);
    });
}

/** The arguments without the signal among them, which does not travel, and without what is absent at their end. */
function takeSignal(
  given: readonly unknown[],
  index: number | undefined,
): { readonly sent: readonly unknown[]; readonly signal: AbortSignal | undefined } {
  const params = index === undefined ? undefined : (given[index] as { readonly signal?: AbortSignal } | undefined);
  const sent = params?.signal === undefined ? [...given] : given.with(index!, { ...params, signal: undefined });
  while (sent.length > 0 && sent.at(-1) === undefined) sent.pop();
  return { sent, signal: params?.signal };
}

/** `functions.invoke` by a frame made by hand: the generic one copies the arguments' text once more, which every call would pay. */
function createInvoke(requests: Requests): FunctionsPort["invoke"] {
  return (ref, envelope, params) =>
    new Promise<AttemptResult>((resolve, reject) => {
      checkFrameSize(envelope.args.text, envelope.args.parts);
      const { text, parts } = encodeEnvelope(envelope);
      requests.open(
        requestHead("functions.invoke", envelope.parent, `${ref.app}\n${ref.name}\n${text}`),
        parts,
        {
          resolve: (result, resultParts) => resolve(decodeResult(result, resultParts)),
          reject,
          onLost: (reason) => resolve({ status: "lost", reason }),
        },
        params?.signal,
      );
    });
}
