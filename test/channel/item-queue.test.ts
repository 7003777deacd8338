import { expect, it } from "vitest";
import { STREAM_WINDOW_ITEMS } from "../../src/ports/functions.ts";
import { createItemQueue } from "../../src/channel/item-queue.ts";

const HALF = STREAM_WINDOW_ITEMS / 2;

it("gives every item in order, then the result", async () => {
  const queue = createItemQueue<number, string>(() => undefined);
  const items = queue.drain();
  queue.push(1);
  expect(await items.next()).toEqual({ done: false, value: 1 });
  const later = items.next();
  queue.push(2);
  queue.push(3);
  queue.end("end");
  queue.end("ignored");
  expect(await later).toEqual({ done: false, value: 2 });
  expect(await items.next()).toEqual({ done: false, value: 3 });
  expect(await items.next()).toEqual({ done: true, value: "end" });
});

it("asks for half a window each time that half a window was taken, and not after the end", async () => {
  const asked: number[] = [];
  const queue = createItemQueue<number, null>((count) => asked.push(count));
  for (let i = 0; i < STREAM_WINDOW_ITEMS; i++) queue.push(i);
  const items = queue.drain();
  for (let i = 0; i < HALF; i++) await items.next();
  expect(asked).toEqual([]);
  await items.next();
  expect(asked).toEqual([HALF]);
  queue.end(null);
  while ((await items.next()).done !== true);
  expect(asked).toEqual([HALF]);
});

it("throws what it failed with, after the items that came before", async () => {
  const queue = createItemQueue<number, null>(() => undefined);
  queue.push(1);
  queue.fail(new RangeError("broken"));
  const items = queue.drain();
  expect(await items.next()).toEqual({ done: false, value: 1 });
  await expect(items.next()).rejects.toThrow("broken");
});
