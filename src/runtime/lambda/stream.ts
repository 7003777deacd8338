import { createFrameWriter, FrameType } from "../../wire/frame.ts";
import { encodeItem } from "../../wire/item.ts";
import type { Packed } from "../../wire/lambda-payload.ts";
import type { ItemSink } from "../loop.ts";

/** What Tenon uses of the writable that Lambda hands to a streaming handler. */
export interface ResponseStream {
  /** `done` is called when the bytes have left. */
  write(bytes: Uint8Array, encoding?: undefined, done?: () => void): boolean;
  end(done?: () => void): unknown;
  on(event: "error" | "close", listener: () => void): unknown;
}

/**
 * Sends items as frames. A generator goes on when its item has left the process, so that one that blocks or ends the
 * process after it has delivered it, and waits while the stream is full. `onGone` is called when nobody takes items any
 * more, where Lambda says so.
 */
export function createItemSink(response: ResponseStream, onGone: () => void): ItemSink {
  const writer = createFrameWriter();
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
    writer.add(FrameType.item, 0, encodeItem(item), item.parts);
    return new Promise((resolve) => {
      wake = resolve;
      response.write(Buffer.concat(writer.take()), undefined, resolve);
    });
  };
}

/** Sends the last frame: how the attempt ended. Resolves when it has left. */
export function finishStream(response: ResponseStream, result: Packed): Promise<void> {
  const writer = createFrameWriter();
  writer.add(FrameType.result, 0, result.text, result.parts);
  for (const bytes of writer.take()) response.write(bytes);
  return new Promise((resolve) => {
    response.on("close", resolve);
    response.end(resolve);
  });
}
