import { encodeItem } from "../../wire/item.ts";
import type { Channel } from "../../channel/channel.ts";
import { createCredit, type Credit } from "../../channel/credit.ts";
import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { STREAM_WINDOW_ITEMS } from "../../ports/functions.ts";
import { decodeEnvelope, type Envelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { FrameType, type FrameHandler } from "../../wire/frame.ts";
import { encodeResult } from "../../wire/result.ts";
import { type ContainerCore, type ContainerProtocol, createContainerCore } from "../core.ts";
import type { RunningInput } from "../input.ts";
import type { ItemSink } from "../loop.ts";
import type { ContainerInit } from "./container-init.ts";
import { createInputQueue, type InputQueue, type WaitingInput } from "./input-queue.ts";

/** What a container works with. */
export interface ProcessContainerOptions {
  readonly channel: Channel;
  /** File descriptor under the channel, for the last words of a process that ends. */
  readonly channelFd: number;
  readonly init: ContainerInit;
  readonly spec: FunctionSpec;
  readonly onLoadFailed: (error: unknown) => void;
}

/** One Function behind a channel: inputs come as frames, results leave as frames. */
export interface ProcessContainer {
  readonly onFrame: FrameHandler;
  /** Starts the inputs: the module is loaded. */
  serve(body: (...args: unknown[]) => unknown): void;
}

/** Makes the container. Inputs wait until it serves. */
export function createProcessContainer(options: ProcessContainerOptions): ProcessContainer {
  const { channel, spec } = options;
  const started = new Map<string, StartedInput>();
  const queue = createInputQueue((seq) => channel.send(FrameType.returned, seq, ""));
  const core: ContainerCore = createContainerCore(
    options.init.bundle,
    protocolOf(options, started, queue, () => core),
  );
  const startNext = (): void => {
    while (core.serving && started.size === 0) {
      const next = queue.next();
      if (next === undefined) return;
      start(next);
    }
  };
  const start = (next: WaitingInput): void => {
    const envelope = readEnvelope(channel, next);
    if (envelope === undefined) return;
    const credit = spec.kind === "generator" ? createCredit(STREAM_WINDOW_ITEMS) : undefined;
    started.set(envelope.inputId, { seq: next.seq, credit });
    const fromMs = performance.now();
    void core.run(envelope, credit && itemSink(channel, next.seq, credit)).then((result) => {
      sendResult(channel, started, envelope.inputId, result, Math.round((performance.now() - fromMs) * 1_000));
      credit?.open();
      startNext();
    });
  };
  return {
    serve(body) {
      core.serve(spec, body);
      channel.send(FrameType.ready, 0, "{}");
      startNext();
    },
    onFrame(type, seq, head, parts) {
      if (type === FrameType.input) {
        queue.add(seq, head, parts);
        startNext();
      } else if (type === FrameType.recall) queue.giveBack(seq);
      else if (type === FrameType.cancel) {
        if (!queue.giveBack(seq)) cancel(core, started, seq);
      } else if (type === FrameType.credit) creditOf(started, seq)?.give(Number(head));
      // The other frames go to engines, not to containers.
    },
  };
}

// --- Internal helpers ---

interface StartedInput {
  readonly seq: number;
  /** Of a generator: the items that its reader has room for. */
  readonly credit: Credit | undefined;
}

type StartedInputs = Map<string, StartedInput>;

/** The container's side of the channel, apart from inputs and results. */
function protocolOf(
  { channel, channelFd, onLoadFailed }: ProcessContainerOptions,
  started: StartedInputs,
  queue: InputQueue,
  coreOf: () => ContainerCore,
): ContainerProtocol {
  return {
    onLine: (stream, input, text) => channel.send(FrameType.log, seqOf(started, input), `${lineHead(stream, input)}\n${text}`),
    onWritten: () => channel.flushSync(channelFd),
    onLoadFailed,
    onStrayFault: (text) => void process.stderr.write(`${text}\n`),
    onPoisoned(reason) {
      queue.close();
      channel.send(FrameType.retire, 0, reason);
    },
    onExit(error, inputs) {
      const core = coreOf();
      // What has not started goes back.
      core.retire("user code ended its process");
      // Results settle in a microtask, which a process that exits never reaches: they are sent from here.
      for (const { inputId } of inputs) sendResult(channel, started, inputId, core.failed(error));
      channel.flushSync(channelFd);
    },
  };
}

function lineHead(stream: "stdout" | "stderr", input: RunningInput | undefined): string {
  const descriptor = stream === "stdout" ? 1 : 2;
  return input === undefined ? String(descriptor) : `${descriptor}${input.callId} ${input.inputId} ${input.attempt}`;
}

function seqOf(started: StartedInputs, input: RunningInput | undefined): number {
  return input === undefined ? 0 : (started.get(input.inputId)?.seq ?? 0);
}

/** The envelope of an input; one that can't be read is answered at once. */
function readEnvelope(channel: Channel, { seq, text, parts }: WaitingInput): Envelope | undefined {
  try {
    return decodeEnvelope(text, parts);
  } catch (error) {
    channel.send(FrameType.result, seq, `0|${encodeResult({ status: "failed", error: encodeError(error) }).text}`);
    return undefined;
  }
}

/** Sends the result of an input, once; `microseconds` is how long it ran. */
function sendResult(channel: Channel, started: StartedInputs, inputId: string, result: AttemptResult, microseconds = 0): void {
  const input = started.get(inputId);
  if (input === undefined) return;
  started.delete(inputId);
  const { text, parts } = encodeResult(result);
  channel.send(FrameType.result, input.seq, `${microseconds}|${text}`, parts);
}

function itemSink(channel: Channel, seq: number, credit: Credit): ItemSink {
  return (item) => {
    channel.send(FrameType.item, seq, encodeItem(item), item.parts);
    return credit.take();
  };
}

function creditOf(started: StartedInputs, seq: number): Credit | undefined {
  for (const input of started.values()) if (input.seq === seq) return input.credit;
  return undefined;
}

function cancel(core: ContainerCore, started: StartedInputs, seq: number): void {
  for (const [inputId, input] of started) {
    if (input.seq !== seq) continue;
    input.credit?.open();
    core.cancel(inputId);
  }
}
