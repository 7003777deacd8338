import type { Backend } from "../ports/backend.ts";
import { STREAM_WINDOW_ITEMS } from "../ports/functions.ts";
import { methodOf, type PortMethod } from "../ports/make-port.ts";
import { decodeEnvelope } from "../wire/envelope.ts";
import { encodeError } from "../wire/error-codec.ts";
import { FrameType, type FrameHandler } from "../wire/frame.ts";
import { createPacker, type Packer, type Parcel } from "../wire/parcel.ts";
import { encodeResult } from "../wire/result.ts";
import type { Channel } from "./channel.ts";
import { createCredit, type Credit } from "./credit.ts";
import { type NamedOperation, OPERATIONS, readRequestHead, type RequestHead } from "./request-head.ts";

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

/** One request under way. */
interface Request {
  readonly seq: number;
  readonly controller: AbortController;
  /** How many items may still be sent; of a stream only. */
  credit: Credit | undefined;
}

/** Answers the requests of a {@link import("./client.ts").channelBackend} with a backend. */
export function serveBackend(channel: Channel, backend: Backend, observer: ServeObserver = {}): ServedBackend {
  const requests = new Map<number, Request>();

  const open = (seq: number): Request => {
    const request: Request = { seq, controller: new AbortController(), credit: undefined };
    requests.set(seq, request);
    return request;
  };
  const handle = async (request: Request, head: string, parts: readonly Uint8Array[]): Promise<void> => {
    const { operation, parent, rest } = readRequestHead(head);
    const waited = waits(operation) ? observer.onWait?.(parent) : undefined;
    try {
      await answer(channel, backend, { operation, parent, rest }, parts, request);
    } finally {
      waited?.();
    }
  };

  return {
    get active() {
      return requests.size;
    },
    onFrame(type, seq, head, parts) {
      if (type === FrameType.request) {
        handle(open(seq), head, parts)
          .catch((error: unknown) => channel.send(FrameType.failure, seq, JSON.stringify(encodeError(error))))
          .finally(() => requests.delete(seq));
      } else if (type === FrameType.cancelRequest) end(requests.get(seq));
      else if (type === FrameType.credit) requests.get(seq)?.credit?.give(Number(head));
    },
    onClose() {
      for (const request of requests.values()) end(request);
    },
  };
}

// --- Internal helpers ---

/** Whether an input that asks for it gives its slot back meanwhile. */
function waits(operation: NamedOperation): boolean {
  return operation.shape === "blocking" || operation.port === "functions";
}

function end(request: Request | undefined): void {
  request?.controller.abort();
  request?.credit?.open();
}

interface Packers {
  readonly args: Packer;
  readonly item: Packer;
  readonly answer: Packer;
}

const PACKERS: ReadonlyMap<NamedOperation, Packers> = new Map(
  [...OPERATIONS.values()].map((operation) => [
    operation,
    {
      args: createPacker(operation.values?.args),
      item: createPacker(operation.values?.item),
      answer: createPacker(operation.values?.answer),
    },
  ]),
);

async function answer(
  channel: Channel,
  backend: Backend,
  { operation, rest }: RequestHead,
  parts: readonly Uint8Array[],
  request: Request,
): Promise<void> {
  const { signal } = request.controller;
  if (operation.port === "functions" && operation.method === "invoke") {
    const encoded = await invoke(backend, rest, parts, signal);
    return channel.send(FrameType.response, request.seq, encoded.text, encoded.parts);
  }
  const packers = PACKERS.get(operation)!;
  const args = withSignal((packers.args.unpack(rest, parts) ?? []) as readonly unknown[], operation.signal, signal);
  const given = methodFor(backend, operation)(...args);
  const ending = operation.shape === "stream" ? await sendItems(channel, given, packers.item, request, operation) : await given;
  const { text, parts: answerParts } = packers.answer.pack(ending);
  channel.send(FrameType.response, request.seq, text, answerParts);
}

/** The other half of the client's frame made by hand. */
async function invoke(backend: Backend, rest: string, parts: readonly Uint8Array[], signal: AbortSignal): Promise<Parcel> {
  const afterApp = rest.indexOf("\n");
  const afterName = rest.indexOf("\n", afterApp + 1);
  const ref = { app: rest.slice(0, afterApp), name: rest.slice(afterApp + 1, afterName) };
  const envelope = decodeEnvelope(rest.slice(afterName + 1), parts);
  return encodeResult(await backend.functions.invoke(ref, envelope, { signal }));
}

function methodFor(backend: Backend, { port, method, ofObjects }: NamedOperation): PortMethod {
  const ports: object = ofObjects ? backend.objects : backend;
  return methodOf((ports as Readonly<Record<string, unknown>>)[port], method);
}

/** The signal stands in its argument again, so that the caller's cancel request reaches whoever works. */
function withSignal(args: readonly unknown[], index: number | undefined, signal: AbortSignal): readonly unknown[] {
  if (index === undefined) return args;
  const padded: unknown[] = [...args];
  while (padded.length <= index) padded.push(undefined);
  return padded.with(index, { ...(args[index] as object | null | undefined), signal });
}

/** Sends items no further ahead than the other end allows; gives what the iteration returned. */
async function sendItems(channel: Channel, given: unknown, packer: Packer, request: Request, operation: NamedOperation): Promise<unknown> {
  const credit = (request.credit = createCredit(STREAM_WINDOW_ITEMS));
  const items = (given as AsyncIterable<unknown, unknown>)[Symbol.asyncIterator]();
  for (;;) {
    const next = await items.next();
    if (next.done === true) return next.value;
    const { text, parts } = packer.pack(next.value);
    channel.send(FrameType.event, request.seq, text, parts);
    await credit.take();
    // What takes the signal says itself how it ended.
    if (request.controller.signal.aborted && operation.signal === undefined) return (await items.return?.())?.value;
  }
}
