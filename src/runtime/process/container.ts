import type { FunctionSpec } from "../../model/function-spec.ts";
import type { AttemptResult } from "../../model/outcome.ts";
import { STREAM_WINDOW_ITEMS } from "../../ports/functions.ts";
import { inputContext } from "../../context/context.ts";
import { createStackMapper } from "../../util/source-map.ts";
import { decodeEnvelope } from "../../wire/envelope.ts";
import { encodeError } from "../../wire/error-codec.ts";
import { FrameType, type FrameHandler } from "../../wire/frame.ts";
import { encodeResult } from "../../wire/result.ts";
import type { Channel } from "../../channel/channel.ts";
import type { ContainerInit } from "./container-init.ts";
import { createCredit, type Credit } from "../../channel/credit.ts";
import { catchFaults } from "../faults.ts";
import type { RunningInput } from "../input.ts";
import { createLoop, type Loop } from "../loop.ts";
import { captureOutput } from "../output.ts";

/** What a container works with. */
export interface ContainerOptions {
  readonly channel: Channel;
  /** File descriptor under the channel, for the last words of a process that ends. */
  readonly channelFd: number;
  readonly init: ContainerInit;
  readonly spec: FunctionSpec;
  readonly onInitFailed: (error: unknown) => void;
}

/** The loop of one Function behind a channel: inputs come as frames, results leave as frames. */
export interface Container {
  readonly onFrame: FrameHandler;
  /** Starts taking inputs: the module is loaded. */
  serve(body: (...args: unknown[]) => unknown): void;
}

interface Waiting {
  readonly seq: number;
  readonly startBeforeMs: number;
  readonly text: string;
  readonly parts: readonly Uint8Array[];
}

/** Makes the container; faults and output are caught from now on, so that the module's own are seen too. */
export function createContainer(options: ContainerOptions): Container {
  const { channel, spec } = options;
  const waiting: Waiting[] = [];
  const seqOf = new Map<string, number>();
  const credits = new Map<number, Credit>();
  let loop: Loop | null = null;
  let busy = 0;
  let retired = false;

  const output = captureOutput(
    currentInput,
    (stream, input, text) => {
      const seq = input === undefined ? 0 : (seqOf.get(input.inputId) ?? 0);
      channel.send(
        FrameType.log,
        seq,
        `${stream === "stdout" ? 1 : 2}${input === undefined ? "" : `${input.callId} ${input.inputId} ${input.attempt}`}\n${text}`,
      );
    },
    () => channel.flushSync(options.channelFd),
  );
  const retire = (reason: string): void => {
    if (retired) return;
    retired = true;
    for (const one of waiting.splice(0)) channel.send(FrameType.returned, one.seq, "");
    channel.send(FrameType.retire, 0, reason);
  };
  catchFaults({
    onExit(error, input) {
      if (loop === null) options.onInitFailed(error);
      // What has not started goes back; what runs and did not end the process is lost, not failed.
      retire("user code ended its process");
      // Results settle in a microtask, which a process that exits never reaches: send them from here.
      for (const { inputId } of input === undefined ? runningInputs() : [input]) {
        output.flush(inputId);
        sendResult(inputId, { status: "failed", error: encodeError(error, stackOptions) });
      }
      output.flush(undefined);
      channel.flushSync(options.channelFd);
    },
    onUncaught(error, input) {
      if (loop === null) {
        options.onInitFailed(error);
        return;
      }
      const belongs = input !== undefined && !input.settled;
      if (belongs) loop.fail(error, input.inputId);
      else
        process.stderr.write(
          `uncaught, and no running call's: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
        );
      retire("an exception was not caught");
    },
  });
  const stackOptions = {
    mapStack: createStackMapper(options.init.bundle.appFile, `${options.init.bundle.appFile}.map`, options.init.bundle.sourceRoot),
  };

  function runningInputs(): RunningInput[] {
    return loop === null ? [] : [...loop.running.values()];
  }

  function sendResult(inputId: string, result: AttemptResult, microseconds = 0): void {
    const seq = seqOf.get(inputId);
    if (seq === undefined) return;
    seqOf.delete(inputId);
    const encoded = encodeResult(result);
    channel.send(FrameType.result, seq, `${microseconds}|${encoded.text}`, encoded.parts);
  }

  /** Returns an input that has not started. */
  function giveBack(seq: number): boolean {
    const index = waiting.findIndex((one) => one.seq === seq);
    if (index < 0) return false;
    waiting.splice(index, 1);
    channel.send(FrameType.returned, seq, "");
    return true;
  }

  function startNext(): void {
    while (loop !== null && busy === 0 && !retired) {
      const next = waiting.shift();
      if (next === undefined) return;
      if (next.startBeforeMs !== 0 && Date.now() > next.startBeforeMs) {
        channel.send(FrameType.returned, next.seq, "");
        continue;
      }
      start(loop, next);
    }
  }

  function start(running: Loop, next: Waiting): void {
    let envelope;
    try {
      envelope = decodeEnvelope(next.text, next.parts);
    } catch (error) {
      channel.send(FrameType.result, next.seq, `0|${encodeResult({ status: "failed", error: encodeError(error) }).text}`);
      return;
    }
    busy++;
    seqOf.set(envelope.inputId, next.seq);
    const from = performance.now();
    const done = (result: AttemptResult): void => {
      output.flush(envelope.inputId);
      sendResult(envelope.inputId, result, Math.round((performance.now() - from) * 1_000));
      credits.get(next.seq)?.open();
      credits.delete(next.seq);
      busy--;
      startNext();
    };
    if (spec.kind === "generator") {
      const credit = createCredit(STREAM_WINDOW_ITEMS);
      credits.set(next.seq, credit);
      void running
        .run(envelope, (item) => {
          channel.send(FrameType.item, next.seq, item.codec === "json" ? `j${item.text}` : `d${item.text}`, item.parts);
          return credit.take();
        })
        .then(done);
    } else void running.run(envelope).then(done);
  }

  return {
    serve(body) {
      loop = createLoop({
        spec,
        body,
        mapStack: stackOptions.mapStack,
        onPoisoned: (reason) => retire(reason),
      });
      channel.send(FrameType.ready, 0, "{}");
      startNext();
    },
    onFrame(type, seq, head, parts) {
      switch (type) {
        case FrameType.input: {
          const bar = head.indexOf("|");
          if (retired) channel.send(FrameType.returned, seq, "");
          else {
            waiting.push({ seq, startBeforeMs: Number(head.slice(0, bar)), text: head.slice(bar + 1), parts });
            startNext();
          }
          return;
        }
        case FrameType.recall:
          giveBack(seq);
          return;
        case FrameType.cancel: {
          if (giveBack(seq)) return;
          credits.get(seq)?.open();
          for (const [inputId, running] of seqOf) if (running === seq) loop?.cancel(inputId);
          return;
        }
        case FrameType.credit:
          credits.get(seq)?.give(Number(head));
          return;
        default:
          // The other frames go to engines, not to containers.
          return;
      }
    },
  };
}

// --- Internal helpers ---

function currentInput(): RunningInput | undefined {
  return inputContext.getStore() as RunningInput | undefined;
}
