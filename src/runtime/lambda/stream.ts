import { createFrameWriter, FrameType } from "../../wire/frame.ts";
import { encodeItem } from "../../wire/item.ts";
import type { Packed } from "../../wire/lambda-payload.ts";
import type { ItemSink } from "../loop.ts";

/** What Tenon uses of the writable that Lambda hands to a streaming handler. */
export interface ResponseStream {
  /** `done` is called when the bytes have left. */
  write(bytes: Uint8Array, encoding?: undefined, done?: () => void): boolean;
  end(done?: () => void): unknown;
  /** Hands what was written to the system before it returns, where the stream is one that Node holds back. */
  uncork?(): void;
  on(event: "error" | "close", listener: () => void): unknown;
}

/**
 * Sends items as frames. A generator goes on when its item has left the process: an item is delivered even if the
 * generator then blocks or ends the process. While the stream is full, the generator waits. `onGone` is called when
 * the reader is gone, where Lambda says so.
 *
 * Of a stream that breaks off Lambda says nothing more, so the reader is told first how long the input may take.
 */
export function createItemSink(response: ResponseStream, timeoutMs: number, onGone: () => void): ItemSink {
  const writer = createFrameWriter();
  const endsAtMs = Date.now() + timeoutMs;
  let begun = false;
  let gone = false;
  let wake: (() => void) | null = null;
  const leave = (): void => {
    gone = true;
    wake?.();
    onGone();
  };
  response.on("error", leave);
  response.on("close", leave);
  return (item) => {
    if (gone) return undefined;
    if (!begun) writer.add(FrameType.timeLeft, 0, String(endsAtMs - Date.now()), []);
    begun = true;
    writer.add(FrameType.item, 0, encodeItem(item), item.parts);
    return new Promise((resolve) => {
      wake = resolve;
      response.write(Buffer.concat(writer.take()), undefined, resolve);
    });
  };
}

/** Sends the last frame: how the attempt ended. Resolves when it has left. */
export function finishStream(response: ResponseStream, result: Packed): Promise<void> {
  for (const bytes of lastFrame(result)) response.write(bytes);
  return new Promise((resolve) => {
    response.on("close", resolve);
    response.end(resolve);
  });
}

/** The same for a process that ends when this returns: the frame is out if the connection was open and had room. */
export function finishStreamNow(response: ResponseStream, result: Packed): void {
  response.write(Buffer.concat(lastFrame(result)));
  response.uncork?.();
}

// --- Internal helpers ---

function lastFrame({ text, parts }: Packed): readonly Uint8Array[] {
  const writer = createFrameWriter();
  writer.add(FrameType.result, 0, text, parts);
  return writer.take();
}
