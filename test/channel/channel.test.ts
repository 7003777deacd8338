import { expect, it } from "vitest";
import { createChannel, type Channel, type ChannelHandlers } from "../../src/channel/channel.ts";
import { FrameType } from "../../src/wire/frame.ts";
import { socketPair } from "./socket-pair.ts";

interface Side {
  readonly channel: Channel;
  readonly frames: string[];
  readonly closed: Promise<Error | null>;
}

async function channels(onFrame?: ChannelHandlers["onFrame"]): Promise<readonly [Side, Side, fd: number]> {
  const sockets = await socketPair();
  const sides = sockets.map((socket): Side => {
    const frames: string[] = [];
    let close: (error: Error | null) => void;
    const closed = new Promise<Error | null>((resolve) => (close = resolve));
    const channel = createChannel(socket, {
      onFrame:
        onFrame ?? ((type, seq, head, parts) => frames.push(`${type} ${seq} ${head} ${parts.map((part) => part.byteLength).join(",")}`)),
      onClose: (error) => close(error),
    });
    return { channel, frames, closed };
  });
  const fd = (sockets[0] as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
  return [sides[0] as Side, sides[1] as Side, fd];
}

it("carries frames in order, many in one delivery, with large parts between", async () => {
  const [near, far] = await channels();
  for (let i = 0; i < 100; i++)
    near.channel.send(FrameType.input, i, `head ${i}`, i % 10 === 0 ? [new Uint8Array(100_000), new Uint8Array(3)] : []);
  near.channel.end();
  await far.closed;
  expect(far.frames).toEqual(Array.from({ length: 100 }, (_, i) => `4 ${i} head ${i} ${i % 10 === 0 ? "100000,3" : ""}`));
});

it("writes out what waits when the process can't wait any more", async () => {
  const [near, far, fd] = await channels();
  near.channel.send(FrameType.result, 1, "last words");
  near.channel.flushSync(fd);
  near.channel.destroy();
  await far.closed;
  expect(far.frames).toEqual(["5 1 last words "]);
});

it("reports its end once on both sides, and takes what is sent afterwards without a word", async () => {
  const [near, far] = await channels();
  near.channel.end();
  near.channel.send(FrameType.input, 1, "after the end");
  await Promise.all([near.closed, far.closed]);
  expect([near.channel.closed, far.channel.closed]).toEqual([true, true]);
  far.channel.send(FrameType.input, 2, "to nobody");
  far.channel.end();
  await new Promise(setImmediate);
  expect(near.frames).toEqual([]);
});

it("closes when the other side writes what is no frame", async () => {
  const [socket, far] = await socketPair();
  const closed = new Promise<Error | null>((resolve) => createChannel(far, { onFrame: () => undefined, onClose: resolve }));
  socket.on("error", () => undefined);
  socket.write("not a frame, however long one looks at it");
  expect(await closed).toMatchObject({ code: "DESERIALIZATION" });
});

it("closes with the error of a handler that throws", async () => {
  const [near, far] = await channels(() => {
    throw new RangeError("handler");
  });
  near.channel.send(FrameType.input, 1, "");
  expect(await far.closed).toMatchObject({ message: "handler" });
  expect(await near.closed).toBeNull();
});
