import { describe, expect, it } from "vitest";
import { newCallId, newInputId } from "../../src/model/ids.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { STREAM_WINDOW_ITEMS } from "../../src/ports/functions.ts";
import { channelBackend, type ChannelBackend } from "../../src/channel/client.ts";
import { createChannel, type Channel } from "../../src/channel/channel.ts";
import { serveBackend, type ServedBackend, type ServeObserver } from "../../src/channel/server.ts";
import { App } from "../../src/sdk/app.ts";
import { currentInputSignal } from "../../src/context/context.ts";
import { decode, encode } from "../../src/wire/codec.ts";
import type { Envelope } from "../../src/wire/envelope.ts";
import { FrameType } from "../../src/wire/frame.ts";
import { createMemoryBackend, type MemoryBackend } from "../helpers/memory-backend.ts";
import { socketPair } from "./socket-pair.ts";

const app = new App("pair");
app.function("double", (n: number) => n * 2);
app.function(
  "wait",
  () => new Promise((_, reject) => currentInputSignal().addEventListener("abort", () => reject(new RangeError("aborted")))),
);
let made = 0;
app.function("count", async function* (to: number) {
  for (made = 0; made < to;) yield made++;
  return "end";
});
const ref = (name: string) => ({ app: "pair", name });

interface Pair {
  readonly memory: MemoryBackend;
  readonly backend: ChannelBackend;
  readonly near: Channel;
  readonly far: Channel;
  readonly served: ServedBackend;
}

/** A client and a server over a real socket, the backend behind it in memory. */
async function pair(
  settings: { readonly observer?: ServeObserver; readonly backend?: (memory: MemoryBackend) => Backend; readonly asks?: string } = {},
): Promise<Pair> {
  const memory = createMemoryBackend([{ manifest: app.toManifest(), functions: app.functions }]);
  const [client, server] = await socketPair();
  const near = createChannel(client, {
    onFrame: (type, seq, head, parts) => backend.onFrame(type, seq, head, parts),
    onClose: (error) => backend.onClose(error?.message ?? "it ended"),
  });
  const far = createChannel(server, {
    onFrame: (type, seq, head, parts) => served.onFrame(type, seq, head, parts),
    onClose: () => served.onClose(),
  });
  const backend = channelBackend(near, { kind: "local", environment: "dev" }, () => settings.asks);
  const served = serveBackend(far, settings.backend?.(memory) ?? memory, settings.observer);
  return { memory, backend, near, far, served };
}

function input(args: readonly unknown[], parent?: string): Envelope {
  const callId = newCallId();
  const envelope: Envelope = { v: 1, callId, inputId: newInputId(), attempt: 1, args: encode(args, "args"), root: callId, depth: 0 };
  return parent === undefined ? envelope : { ...envelope, parent };
}

describe("a backend at the other end of a channel", () => {
  it("answers many calls at once, each with its own result", async () => {
    const { backend } = await pair();
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => backend.functions.invoke(ref("double"), input([i]))));
    expect(results.map((result) => result.status === "succeeded" && decode(result.value))).toEqual(
      Array.from({ length: 200 }, (_, i) => i * 2),
    );
  });

  it("rejects with the error of the other side, as its own class", async () => {
    const { backend, served } = await pair();
    await expect(backend.functions.invoke(ref("nothing"), input([]))).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(backend.calls.get("fc-nothing")).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect(backend.functions.stream(ref("nothing"), input([])).next()).rejects.toMatchObject({ code: "NOT_FOUND" });
    await expect.poll(() => served.active).toBe(0);
  });

  it("spawns a call and gets its outcome", async () => {
    const { backend } = await pair();
    const callId = await backend.calls.spawn(ref("double"), input([21]));
    const outcome = await backend.calls.get(callId);
    expect(outcome.status === "succeeded" && decode(outcome.value)).toBe(42);
  });

  it("cancels what its caller's signal aborts", async () => {
    const { backend, memory, served } = await pair();
    const controller = new AbortController();
    const envelope = input([]);
    const result = backend.functions.invoke(ref("wait"), envelope, { signal: controller.signal });
    await expect.poll(() => memory.load.now).toBe(1);
    controller.abort();
    expect(await result).toMatchObject({ status: "cancelled" });
    expect(memory.cancelled).toEqual([envelope.inputId]);
    await expect.poll(() => served.active).toBe(0);
  });

  it("streams items no further ahead than the window, to the end", async () => {
    const { backend } = await pair();
    const items = backend.functions.stream(ref("count"), input([500]));
    expect((await items.next()).done).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(made).toBeLessThanOrEqual(STREAM_WINDOW_ITEMS + 1);
    let seen = 1;
    let next = await items.next();
    for (; next.done !== true; next = await items.next()) expect(decode(next.value)).toBe(seen++);
    expect(seen).toBe(500);
    expect(next.value.status === "succeeded" && decode(next.value.value)).toBe("end");
  });

  it("ends a stream that its consumer leaves", async () => {
    const { backend, served } = await pair();
    const items = backend.functions.stream(ref("count"), input([100]));
    await items.next();
    await items.return({ status: "lost", reason: "unused" });
    await expect.poll(() => served.active).toBe(0);
  });

  it("loses attempts and rejects the rest when the channel goes, and what the other side ran is cancelled", async () => {
    const { backend, memory, near, served } = await pair();
    const envelope = input([]);
    const invoked = backend.functions.invoke(ref("wait"), envelope);
    const items = backend.functions.stream(ref("count"), input([1_000]));
    await items.next();
    const spawned = await backend.calls.spawn(ref("wait"), input([]));
    const got = backend.calls.get(spawned);
    await expect.poll(() => memory.load.now).toBe(3);
    near.destroy();
    expect(await invoked).toMatchObject({ status: "lost" });
    await expect(got).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    let next = await items.next();
    while (next.done !== true) next = await items.next();
    expect(next.value).toMatchObject({ status: "lost" });
    await expect.poll(() => memory.cancelled).toContain(envelope.inputId);
    await expect(backend.functions.invoke(ref("double"), input([1]))).rejects.toMatchObject({ code: "CLIENT_CLOSED" });
    await memory.calls.cancel(spawned);
    await expect.poll(() => served.active).toBe(0);
  });

  it("rejects one call whose answer can't be read, and goes on with the others", async () => {
    const { backend, far, memory } = await pair();
    const broken = backend.functions.invoke(ref("wait"), input([]));
    await expect.poll(() => memory.load.now).toBe(1);
    far.send(FrameType.response, 1, '{"status":"no such status"}');
    await expect(broken).rejects.toMatchObject({ code: "DESERIALIZATION" });
    expect(await backend.functions.invoke(ref("double"), input([1]))).toMatchObject({ status: "succeeded" });
  });

  it("refuses requests that it does not know", async () => {
    const { near, backend } = await pair();
    near.send(FrameType.request, 77, "dance\n{}");
    near.send(FrameType.request, 78, "no line at all");
    near.send(FrameType.credit, 79, "5");
    near.send(FrameType.cancelRequest, 80, "");
    expect(await backend.functions.invoke(ref("double"), input([1]))).toMatchObject({ status: "succeeded" });
  });
});

describe("who waits", () => {
  it("is told for calls, streams, and outcomes that are waited for, and told when that ends", async () => {
    const log: string[] = [];
    const observer: ServeObserver = {
      onWait(parent) {
        log.push(`${parent} waits`);
        return () => void log.push(`${parent} goes on`);
      },
    };
    const { backend } = await pair({ observer, asks: "in-asker" });
    await backend.functions.invoke(ref("double"), input([1], "in-parent"));
    expect(log.splice(0)).toEqual(["in-parent waits", "in-parent goes on"]);
    const spawned = await backend.calls.spawn(ref("double"), input([1]));
    expect(log).toEqual([]);
    await backend.calls.get(spawned);
    expect(log.splice(0)).toEqual(["in-asker waits", "in-asker goes on"]);
    await expect(backend.functions.invoke(ref("nothing"), input([], "in-parent"))).rejects.toThrow();
    expect(log.splice(0)).toEqual(["in-parent waits", "in-parent goes on"]);
  });
});
