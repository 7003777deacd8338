import { expect, test } from "vitest";
import { CALL_RETENTION_MS } from "../../../src/adapters/calls/limits.ts";
import { AlreadyExistsError, NotFoundError, OutputExpiredError, OutputTimeoutError } from "../../../src/model/errors.ts";
import { newCallId } from "../../../src/model/ids.ts";
import { asDurable } from "../../../src/wire/durable-envelope.ts";
import { encodeDelivery } from "../../../src/wire/delivery.ts";
import { describeAws } from "../../helpers/emulator.ts";
import { app, envelopeOf, succeed, valueOf } from "./local-backend.ts";
import { aws, errorOf, leave, ran, ref, spawn, startAndDie, sweep, backend } from "./aws-calls.ts";

describeAws(aws)("a durable call on AWS", () => {
  test("is pending until its Function runs it, and keeps its outcome for everyone who asks", async () => {
    const callId = await spawn("add", 2, 3);
    expect(await backend.calls.status(callId)).toMatchObject({ callId, ref: ref("add"), state: "pending", attempt: 0 });
    await expect(backend.calls.get(callId, { timeoutMs: 0 })).rejects.toThrow(OutputTimeoutError);
    await expect(backend.calls.get(callId, { timeoutMs: 60 })).rejects.toThrow(OutputTimeoutError);
    const waiting = backend.calls.get(callId);
    await backend.settle();
    expect(valueOf(await waiting)).toBe(5);
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(5);
    expect(await backend.calls.status(callId)).toMatchObject({ state: "succeeded", attempt: 1, finishedAtMs: expect.any(Number) });
  });

  test("is among those that have not ended until it has", async () => {
    const listed = async (): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const { callId } of backend.due.list(ref("add"), { shard: 0 })) found.push(callId);
      return found;
    };
    const callId = await spawn("add", 1, 1);
    expect(await listed()).toEqual([callId]);
    await backend.settle();
    expect(await listed()).toEqual([]);
  });

  test("is accepted once: a second spawn under its id runs nothing, also after the end", async () => {
    const first = envelopeOf(["once"]);
    const callId = await backend.calls.spawn(ref("note"), first);
    await backend.calls.spawn(ref("note"), envelopeOf(["once"], first.callId));
    await backend.settle();
    await backend.calls.spawn(ref("note"), envelopeOf(["once"], first.callId));
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(1);
    expect(ran.get("once")).toBe(1);
  });

  test("that an older Tenon accepted takes any input under its id", async () => {
    const first = envelopeOf(["older"]);
    const callId = await backend.calls.spawn(ref("note"), first);
    await backend.dropDigest(callId);
    expect(await backend.calls.spawn(ref("note"), envelopeOf(["newer"], first.callId))).toBe(callId);
  });

  test("spawned ten times at once runs once", async () => {
    const envelope = envelopeOf(["race"]);
    await Promise.all(Array.from({ length: 10 }, () => backend.calls.spawn(ref("note"), envelope)));
    await backend.settle();
    expect(ran.get("race")).toBe(1);
  });

  test("whose event Lambda delivers twice runs once", async () => {
    await spawn("note", "delivered twice");
    backend.events.push(backend.events[0]!);
    await backend.settle();
    expect(ran.get("delivered twice")).toBe(1);
  });

  test("of an unknown id or Function is refused with NotFoundError", async () => {
    await expect(backend.calls.get(newCallId())).rejects.toThrow(NotFoundError);
    await expect(backend.calls.status(newCallId())).rejects.toThrow(NotFoundError);
    await expect(backend.calls.cancel(newCallId())).rejects.toThrow(NotFoundError);
    await expect(spawn("nobody")).rejects.toThrow(NotFoundError);
  });

  test("brings an argument and a value of 20 MB through the bucket", async () => {
    const length = 20 * 1024 * 1024;
    const back = await spawn("bytes", length);
    const there = await spawn("size", Buffer.alloc(length));
    expect(backend.events.every((payload) => payload.length < 1_000)).toBe(true);
    await backend.settle();
    expect(Buffer.alloc(length, "tenon").equals(valueOf(await backend.calls.get(back)) as Buffer)).toBe(true);
    expect(valueOf(await backend.calls.get(there))).toBe(length);
    expect(await backend.objects()).toEqual([
      expect.stringMatching(new RegExp(`^in/${app}/size/${there}/in-`)),
      `out/${app}/bytes/${back}/1`,
    ]);
  });

  test("refuses another input under its id, also a large one, and runs nothing of it", async () => {
    const first = envelopeOf(["the first"]);
    await backend.calls.spawn(ref("note"), first);
    const another = (args: readonly unknown[]): Promise<string> => backend.calls.spawn(ref("note"), envelopeOf(args, first.callId));
    await expect(another(["the second"])).rejects.toThrow(AlreadyExistsError);
    await backend.settle();
    await expect(another(["the second", Buffer.alloc(10_000)])).rejects.toThrow(AlreadyExistsError);
    await backend.settle();
    expect([ran.get("the first"), ran.get("the second")]).toEqual([1, undefined]);
  });

  test("has expired seven days after its end, before and after its row is removed", async () => {
    const callId = await spawn("add", 1, 2);
    await backend.settle();
    await backend.age(callId, CALL_RETENTION_MS - 60_000);
    expect(valueOf(await backend.calls.get(callId))).toBe(3);
    await backend.age(callId, 120_000);
    await expect(backend.calls.get(callId)).rejects.toThrow(OutputExpiredError);
    const old = await leave("add", [1, 2], Date.now() - 2 * CALL_RETENTION_MS - 60_000);
    await expect(backend.calls.get(old)).rejects.toThrow(OutputExpiredError);
  });

  test("whose outcome has expired does not begin anew when it is spawned once more", async () => {
    const envelope = envelopeOf(["long ago"]);
    await backend.rows.insert(ref("note"), asDurable("dev", ref("note"), envelope), Date.now() - 2 * CALL_RETENTION_MS - 60_000);
    await backend.calls.spawn(ref("note"), envelope);
    expect(backend.events).toEqual([]);
  });
});

describeAws(aws)("retries", () => {
  test("go through the dispatcher's queue, each with its number", async () => {
    const callId = await spawn("flaky", "good at 3", 3);
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(3);
    expect(await backend.calls.status(callId)).toMatchObject({ state: "succeeded", attempt: 3 });
  });

  test("end with the last failure", async () => {
    const callId = await spawn("flaky", "never good", 99);
    await backend.settle();
    expect(await errorOf(callId)).toMatchObject({ name: "RangeError", message: "attempt 3" });
  });

  test("are not doubled by a message that arrives twice", async () => {
    await spawn("flaky", "told twice", 2);
    await backend.invoke(backend.events.shift()!);
    const messages = await backend.take(3);
    expect(messages).toHaveLength(1);
    await backend.dispatcher.handle({ Records: [...messages, ...messages] });
    await backend.dispatcher.handle({ Records: messages });
    expect(backend.events).toHaveLength(3);
    await backend.settle();
    expect(ran.get("told twice")).toBe(2);
  });

  test("that come early wait on in the queue", async () => {
    const callId = await spawn("flaky", "early", 2);
    await backend.invoke(backend.events.shift()!);
    await backend.dispatcher.handle({ Records: [{ messageId: "early", body: encodeDelivery({ callId, fn: "flaky", delivery: 2 }) }] });
    expect(backend.events).toEqual([]);
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(2);
  });
});

describeAws(aws)("an outcome", () => {
  test("is written once: neither a late holder nor a second one changes it", async () => {
    const callId = await spawn("add", 20, 1);
    const payload = await startAndDie("late", Date.now() - 1);
    await sweep("add");
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(21);
    const late = { delivery: 1, lease: "late", result: succeed("late") };
    expect(await backend.driver.finish(ref("add"), callId, late)).toBeUndefined();
    expect(await backend.driver.finish(ref("add"), callId, { ...late, delivery: 2 })).toBeUndefined();
    expect(await backend.invoke(payload)).toMatchObject({ ran: false });
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(21);
  });

  test("of two that are written at the same moment is the one of the first", async () => {
    const callId = await spawn("add", 0, 0);
    await startAndDie("holder");
    const writes = Array.from({ length: 10 }, (_, i) =>
      backend.driver.finish(ref("add"), callId, { delivery: 1, lease: "holder", result: succeed(i) }),
    );
    const done = (await Promise.all(writes)).map((state, i) => (state === undefined ? [] : [i])).flat();
    expect(done).toHaveLength(1);
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(done[0]);
  });

  test("of an attempt that was lost does not replace a large one", async () => {
    const callId = await spawn("bytes", 100_000);
    await startAndDie("lost", Date.now() - 1);
    await sweep("bytes");
    await backend.settle();
    await backend.driver.finish(ref("bytes"), callId, { delivery: 1, lease: "lost", result: succeed("x".repeat(100_000)) });
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toHaveLength(100_000);
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBeInstanceOf(Buffer);
  });
});
