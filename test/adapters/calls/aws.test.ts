import { afterAll, beforeAll, expect, test } from "vitest";
import { AWS_CANCEL_POLL_MS, AWS_SWEEP_EVERY_MS, CALL_RETENTION_MS } from "../../../src/adapters/calls/limits.ts";
import { MAX_LOSSES } from "../../../src/model/call-state.ts";
import {
  FunctionTimeoutError,
  InputCancelledError,
  InternalFailure,
  NotFoundError,
  OutputExpiredError,
  OutputTimeoutError,
  ProcessExitError,
} from "../../../src/model/errors.ts";
import { newCallId } from "../../../src/model/ids.ts";
import { currentInputSignal } from "../../../src/sdk/context.ts";
import { decodeError } from "../../../src/wire/error-codec.ts";
import { encodeDurableTurn } from "../../../src/wire/durable-turn.ts";
import { describeAws, emulatedAws } from "../../helpers/emulator.ts";
import { openAwsCallsWorld, type AwsCallsWorld } from "./aws-world.ts";
import { app, envelopeOf, succeed, valueOf } from "./world.ts";

/** How often each body ran, by what it was called with. */
const ran = new Map<string, number>();
const count = (key: string): number => {
  ran.set(key, (ran.get(key) ?? 0) + 1);
  return ran.get(key)!;
};

const aws = await emulatedAws({ iam: false });
let world: AwsCallsWorld;

beforeAll(async () => {
  if (aws.missing) return;
  world = await openAwsCallsWorld({ ...aws.account, credentials: aws.account.rootCredentials }, {
    add: { body: (a: number, b: number) => a + b },
    note: { body: (key: string) => count(key) },
    flaky: {
      retries: 2,
      body: (key: string, goodAt: number) => {
        const attempt = count(key);
        if (attempt < goodAt) throw new RangeError(`attempt ${attempt}`);
        return attempt;
      },
    },
    bytes: { body: (length: number) => Buffer.alloc(length, "tenon") },
    size: { body: (bytes: Uint8Array) => bytes.byteLength },
    waits: {
      body: (key: string) => {
        count(key);
        return new Promise((_, reject) => currentInputSignal().addEventListener("abort", () => reject(new RangeError("ended"))));
      },
    },
  });
});
afterAll(() => (aws.missing ? undefined : world.close()));

const ref = (name: string): { app: string; name: string } => ({ app, name });

const spawn = async (name: string, ...args: unknown[]): Promise<string> => {
  const envelope = envelopeOf(args);
  await world.calls.spawn(ref(name), envelope);
  return envelope.callId;
};

const errorOf = async (callId: string): Promise<Error> => {
  const outcome = await world.calls.get(callId, { timeoutMs: 0 });
  if (outcome.status === "succeeded") expect.fail("the call succeeded");
  return decodeError(outcome.error);
};

/** What Lambda puts into the queue when an event has failed. */
const failureRecord = (payload: string, requestId: string, responsePayload: unknown): { messageId: string; body: string } => ({
  messageId: requestId,
  body: JSON.stringify({
    version: "1.0",
    requestContext: { requestId, condition: "RetriesExhausted", approximateInvokeCount: 1 },
    requestPayload: JSON.parse(payload) as unknown,
    responseContext: { statusCode: 200, functionError: "Unhandled" },
    responsePayload,
  }),
});

/** Takes the lease of a call's next event, as a process does that is killed before it writes anything else. */
const startAndDie = async (requestId: string, leaseUntilMs = Date.now() + 60_000, retries = 0): Promise<string> => {
  const payload = world.events.shift()!;
  const { callId, fn, turn } = JSON.parse(payload) as { callId: string; fn: string; turn: number };
  const policy = { maxRetries: retries, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 1_000 };
  expect(await world.driver.start(ref(fn), callId, { turn, lease: requestId, leaseUntilMs, retries: policy })).toMatchObject({ status: "running" });
  return payload;
};

const sweep = (...fns: string[]): Promise<unknown> => world.dispatcher.handle({ sweep: fns });

describeAws(aws)("a durable call on AWS", () => {
  test("is pending until its Function runs it, and keeps its outcome for everyone who asks", async () => {
    const callId = await spawn("add", 2, 3);
    expect(await world.calls.status(callId)).toMatchObject({ callId, ref: ref("add"), state: "pending", attempt: 0 });
    await expect(world.calls.get(callId, { timeoutMs: 0 })).rejects.toThrow(OutputTimeoutError);
    await expect(world.calls.get(callId, { timeoutMs: 60 })).rejects.toThrow(OutputTimeoutError);
    const waiting = world.calls.get(callId);
    await world.settle();
    expect(valueOf(await waiting)).toBe(5);
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(5);
    expect(await world.calls.status(callId)).toMatchObject({ state: "succeeded", attempt: 1, finishedAtMs: expect.any(Number) });
  });

  test("leaves nothing of its input once it has ended", async () => {
    const callId = await spawn("add", 1, 1);
    expect(await world.rows.input(ref("add"), callId)).toBeDefined();
    await world.settle();
    expect(await world.rows.input(ref("add"), callId)).toBeUndefined();
  });

  test("is accepted once: a second spawn under its id runs nothing, also after the end", async () => {
    const first = envelopeOf(["once"]);
    await world.calls.spawn(ref("note"), first);
    await world.calls.spawn(ref("note"), envelopeOf(["twice"], first.callId));
    await world.settle();
    await world.calls.spawn(ref("note"), envelopeOf(["thrice"], first.callId));
    await world.settle();
    expect(valueOf(await world.calls.get(first.callId, { timeoutMs: 0 }))).toBe(1);
    expect([ran.get("once"), ran.get("twice"), ran.get("thrice")]).toEqual([1, undefined, undefined]);
  });

  test("spawned ten times at once runs once", async () => {
    const envelope = envelopeOf(["race"]);
    await Promise.all(Array.from({ length: 10 }, () => world.calls.spawn(ref("note"), envelope)));
    await world.settle();
    expect(ran.get("race")).toBe(1);
  });

  test("whose event Lambda delivers twice runs once", async () => {
    await spawn("note", "delivered twice");
    world.events.push(world.events[0]!);
    await world.settle();
    expect(ran.get("delivered twice")).toBe(1);
  });

  test("of an unknown id or Function is refused with NotFoundError", async () => {
    await expect(world.calls.get(newCallId())).rejects.toThrow(NotFoundError);
    await expect(world.calls.status(newCallId())).rejects.toThrow(NotFoundError);
    await expect(world.calls.cancel(newCallId())).rejects.toThrow(NotFoundError);
    await expect(spawn("nobody")).rejects.toThrow(NotFoundError);
  });

  test("brings an argument and a value of 20 MB through the bucket", async () => {
    const length = 20 * 1024 * 1024;
    const back = await spawn("bytes", length);
    const there = await spawn("size", Buffer.alloc(length));
    expect(world.events.every((payload) => payload.length < 1_000)).toBe(true);
    await world.settle();
    expect(Buffer.alloc(length, "tenon").equals(valueOf(await world.calls.get(back)) as Buffer)).toBe(true);
    expect(valueOf(await world.calls.get(there))).toBe(length);
    expect(await world.objects()).toEqual([
      expect.stringMatching(new RegExp(`^in/${app}/size/${there}/in-`)),
      `out/${app}/bytes/${back}/1`,
    ]);
  });

  test("has expired seven days after its end, before and after its row is removed", async () => {
    const callId = await spawn("add", 1, 2);
    await world.settle();
    await world.age("add", callId, CALL_RETENTION_MS - 60_000);
    expect(valueOf(await world.calls.get(callId))).toBe(3);
    await world.age("add", callId, 120_000);
    await expect(world.calls.get(callId)).rejects.toThrow(OutputExpiredError);
    const old = envelopeOf([1, 2]);
    await world.rows.insert(ref("add"), old, Date.now() - 2 * CALL_RETENTION_MS - 60_000);
    await world.rows.forget(ref("add"), old.callId);
    await expect(world.calls.get(old.callId)).rejects.toThrow(OutputExpiredError);
  });
});

describeAws(aws)("retries", () => {
  test("go through the dispatcher's queue, each with its number", async () => {
    const callId = await spawn("flaky", "good at 3", 3);
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(3);
    expect(await world.calls.status(callId)).toMatchObject({ state: "succeeded", attempt: 3 });
  });

  test("end with the last failure", async () => {
    const callId = await spawn("flaky", "never good", 99);
    await world.settle();
    expect(await errorOf(callId)).toMatchObject({ name: "RangeError", message: "attempt 3" });
  });

  test("are not doubled by a message that arrives twice", async () => {
    await spawn("flaky", "told twice", 2);
    await world.invoke(world.events.shift()!);
    const messages = await world.take(3);
    expect(messages).toHaveLength(1);
    await world.dispatcher.handle({ Records: [...messages, ...messages] });
    await world.dispatcher.handle({ Records: messages });
    expect(world.events).toHaveLength(3);
    await world.settle();
    expect(ran.get("told twice")).toBe(2);
  });

  test("that come early wait on in the queue", async () => {
    const callId = await spawn("flaky", "early", 2);
    await world.invoke(world.events.shift()!);
    await world.dispatcher.handle({ Records: [{ messageId: "early", body: encodeDurableTurn({ callId, fn: "flaky", turn: 2 }) }] });
    expect(world.events).toEqual([]);
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(2);
  });
});

describeAws(aws)("an outcome", () => {
  test("is written once: neither a late holder nor a second one changes it", async () => {
    const callId = await spawn("add", 20, 1);
    const payload = await startAndDie("late", Date.now() - 1);
    await sweep("add");
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(21);
    const late = { turn: 1, lease: "late", result: succeed("late") };
    expect(await world.driver.finish(ref("add"), callId, late)).toBeUndefined();
    expect(await world.driver.finish(ref("add"), callId, { ...late, turn: 2 })).toBeUndefined();
    expect(await world.invoke(payload)).toMatchObject({ ran: false });
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(21);
  });

  test("of two that are written at the same moment is the one of the first", async () => {
    const callId = await spawn("add", 0, 0);
    await startAndDie("holder");
    const writes = Array.from({ length: 10 }, (_, i) =>
      world.driver.finish(ref("add"), callId, { turn: 1, lease: "holder", result: succeed(i) }),
    );
    const done = (await Promise.all(writes)).map((state, i) => (state === undefined ? [] : [i])).flat();
    expect(done).toHaveLength(1);
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(done[0]);
  });

  test("of an attempt that was lost does not replace a large one", async () => {
    const callId = await spawn("bytes", 100_000);
    await startAndDie("lost", Date.now() - 1);
    await sweep("bytes");
    await world.settle();
    await world.driver.finish(ref("bytes"), callId, { turn: 1, lease: "lost", result: succeed("x".repeat(100_000)) });
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toHaveLength(100_000);
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBeInstanceOf(Buffer);
  });
});

describeAws(aws)("a lost call", () => {
  test("whose lease is over runs again, uncounted", async () => {
    const callId = await spawn("add", 4, 4);
    await startAndDie("killed", Date.now() - 1);
    expect(await world.calls.status(callId)).toMatchObject({ state: "running", attempt: 1 });
    await sweep("add");
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(8);
    expect(await world.calls.status(callId)).toMatchObject({ attempt: 1 });
  });

  test("keeps a lease that is not over", async () => {
    const callId = await spawn("add", 1, 5);
    await startAndDie("alive");
    await sweep("add");
    expect(await world.calls.status(callId)).toMatchObject({ state: "running" });
    await world.driver.finish(ref("add"), callId, { turn: 1, lease: "alive", result: succeed("alive") });
  });

  test("ends as InternalFailure after too many losses", async () => {
    const callId = await spawn("add", 1, 1);
    for (let losses = 0; losses <= MAX_LOSSES; losses++) {
      await startAndDie(`killed ${losses}`, Date.now() - 1);
      await sweep("add");
      await world.dispatcher.handle({ Records: await world.take(1) });
    }
    expect(world.events).toEqual([]);
    expect(await errorOf(callId)).toBeInstanceOf(InternalFailure);
  });

  test("of which Lambda's failure record tells is run again without waiting for its lease", async () => {
    const callId = await spawn("add", 3, 3);
    const payload = await startAndDie("oom");
    const record = failureRecord(payload, "oom", { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: signal: killed" });
    await world.dispatcher.handle({ Records: [record, record] });
    await world.settle();
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(6);
  });

  test("that nobody has started is started by the sweep, not before its time and once", async () => {
    const young = await spawn("note", "young");
    const old = envelopeOf(["forgotten"]);
    await world.rows.insert(ref("note"), old, Date.now() - AWS_SWEEP_EVERY_MS - 1_000);
    const [event] = world.events.splice(0);
    await sweep("note", "add");
    await sweep("note");
    await world.settle();
    expect(valueOf(await world.calls.get(old.callId, { timeoutMs: 0 }))).toBe(1);
    expect(await world.calls.status(young)).toMatchObject({ state: "pending" });
    await world.invoke(event!);
    expect(ran.get("young")).toBe(1);
  });
});

describeAws(aws)("a failure record", () => {
  const dies = async (name: string, responsePayload: unknown, retries = 0): Promise<string> => {
    const callId = await spawn(name, "record", 1);
    const payload = await startAndDie(`request of ${callId}`, undefined, retries);
    await world.dispatcher.handle({ Records: [failureRecord(payload, `request of ${callId}`, responsePayload)] });
    return callId;
  };

  test("of a process that its watchdog ended is a timeout", async () => {
    const callId = await dies("add", { errorType: "Runtime.ExitError", errorMessage: "RequestId: 1 Error: Runtime exited with error: signal: virtual timer expired" });
    expect(await errorOf(callId)).toBeInstanceOf(FunctionTimeoutError);
    expect((await world.calls.get(callId)).status).toBe("timed-out");
  });

  test("of a process that user code ended is a ProcessExitError, and retried by the policy", async () => {
    const callId = await dies("add", { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 7" });
    expect(await errorOf(callId)).toMatchObject({ name: ProcessExitError.name, exitCode: 7 });
    const retried = await dies("add", { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 7" }, 1);
    expect(await world.calls.status(retried)).toMatchObject({ state: "pending", attempt: 1 });
    await world.settle();
    expect((await world.calls.get(retried)).status).toBe("succeeded");
  });

  test("of a Function that can't take its lease ends its calls with the reason", async () => {
    const callId = await spawn("add", 1, 1);
    const denied = { errorType: "AccessDeniedException", errorMessage: "not authorized to perform: dynamodb:PutItem" };
    for (let losses = 0; losses <= MAX_LOSSES; losses++) {
      await world.dispatcher.handle({ Records: [failureRecord(world.events.shift()!, `denied ${losses}`, denied)] });
      await world.dispatcher.handle({ Records: await world.take(1) });
    }
    expect(world.events).toEqual([]);
    const error = await errorOf(callId);
    expect(error).toBeInstanceOf(InternalFailure);
    expect(error.message).toContain("not authorized to perform: dynamodb:PutItem");
  });

  test("of an invocation that somebody else has taken over changes nothing", async () => {
    const callId = await spawn("add", 7, 7);
    const payload = await startAndDie("first", Date.now() - 1);
    await sweep("add");
    await world.settle();
    await world.dispatcher.handle({ Records: [failureRecord(payload, "first", { errorType: "x", errorMessage: "y" })] });
    expect(valueOf(await world.calls.get(callId, { timeoutMs: 0 }))).toBe(14);
  });

  test("that cannot be read goes back to the queue, alone", async () => {
    const good = await spawn("add", 1, 2);
    const body = encodeDurableTurn({ callId: good, fn: "add", turn: 1 });
    const Records = [{ messageId: "bad", body: "{" }, { messageId: "good", body }, { messageId: "foreign", body: '{"args":[]}' }];
    expect(await world.dispatcher.handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
    await world.settle();
  });
});

describeAws(aws)("a cancel", () => {
  test("ends a pending call, which never runs", async () => {
    const callId = await spawn("note", "cancelled");
    await world.calls.cancel(callId);
    await world.settle();
    expect(await errorOf(callId)).toBeInstanceOf(InputCancelledError);
    expect((await world.calls.get(callId)).status).toBe("cancelled");
    expect(ran.get("cancelled")).toBeUndefined();
  });

  test("ends a call that waits for its retry", async () => {
    const callId = await spawn("flaky", "cancelled between", 99);
    await world.invoke(world.events.shift()!);
    await world.calls.cancel(callId);
    await world.settle();
    expect((await world.calls.get(callId)).status).toBe("cancelled");
    expect(ran.get("cancelled between")).toBe(1);
  });

  test("ends a running call within its poll, and its container when that is asked for", async () => {
    const callId = await spawn("waits", "running");
    const running = world.invoke(world.events.shift()!);
    while ((await world.calls.status(callId)).state !== "running") await new Promise((resolve) => setTimeout(resolve, 20));
    await world.calls.cancel(callId, { terminateContainers: true });
    await world.calls.cancel(callId);
    expect(await running).toEqual({ ran: true, terminate: true });
    expect((await world.calls.get(callId, { timeoutMs: 10 * AWS_CANCEL_POLL_MS })).status).toBe("cancelled");
    expect(ran.get("running")).toBe(1);
    expect(world.events).toEqual([]);
  });

  test("ends a call whose process is gone when its lease is over", async () => {
    const callId = await spawn("note", "gone");
    await startAndDie("gone", Date.now() - 1);
    await world.calls.cancel(callId);
    await sweep("note");
    expect((await world.calls.get(callId, { timeoutMs: 0 })).status).toBe("cancelled");
    expect(world.events).toEqual([]);
  });

  test("comes too late for a call that has ended", async () => {
    const callId = await spawn("add", 1, 1);
    await world.settle();
    await world.calls.cancel(callId);
    expect(valueOf(await world.calls.get(callId))).toBe(2);
  });
});
