import { expect, test } from "vitest";
import { AWS_CANCEL_POLL_MS, AWS_SWEEP_EVERY_MS } from "../../../src/adapters/calls/limits.ts";
import { MAX_LOSSES } from "../../../src/model/call-state.ts";
import { FunctionTimeoutError, InputCancelledError, InternalFailure, ProcessExitError } from "../../../src/model/errors.ts";
import { encodeDelivery } from "../../../src/wire/delivery.ts";
import { describeAws } from "../../helpers/emulator.ts";
import { succeed, valueOf } from "./local-backend.ts";
import { aws, errorOf, failureRecord, leave, ran, ref, spawn, startAndDie, sweep, backend } from "./aws-calls.ts";

describeAws(aws)("a lost call", () => {
  test("whose lease is over runs again, uncounted", async () => {
    const callId = await spawn("add", 4, 4);
    await startAndDie("killed", Date.now() - 1);
    expect(await backend.calls.status(callId)).toMatchObject({ state: "running", attempt: 1 });
    await sweep("add");
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(8);
    expect(await backend.calls.status(callId)).toMatchObject({ attempt: 1 });
  });

  test("keeps a lease that is not over", async () => {
    const callId = await spawn("add", 1, 5);
    await startAndDie("alive");
    await sweep("add");
    expect(await backend.calls.status(callId)).toMatchObject({ state: "running" });
    await backend.driver.finish(ref("add"), callId, { delivery: 1, lease: "alive", result: succeed("alive") });
  });

  test("ends as InternalFailure after too many losses", async () => {
    const callId = await spawn("add", 1, 1);
    for (let losses = 0; losses <= MAX_LOSSES; losses++) {
      await startAndDie(`killed ${losses}`, Date.now() - 1);
      await sweep("add");
      await backend.dispatcher.handle({ Records: await backend.take(1) });
    }
    expect(backend.events).toEqual([]);
    expect(await errorOf(callId)).toBeInstanceOf(InternalFailure);
  });

  test("of which Lambda's failure record tells is run again without waiting for its lease", async () => {
    const callId = await spawn("add", 3, 3);
    const payload = await startAndDie("oom");
    const record = failureRecord(payload, "oom", {
      errorType: "Runtime.ExitError",
      errorMessage: "Runtime exited with error: signal: killed",
    });
    await backend.dispatcher.handle({ Records: [record, record] });
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(6);
  });

  test("that nobody has started is started by the sweep, not before its time and once", async () => {
    const young = await spawn("note", "young");
    const old = await leave("note", ["forgotten"], Date.now() - AWS_SWEEP_EVERY_MS - 1_000);
    const [event] = backend.events.splice(0);
    await sweep("note", "add");
    await sweep("note");
    await backend.settle();
    expect(valueOf(await backend.calls.get(old, { timeoutMs: 0 }))).toBe(1);
    expect(await backend.calls.status(young)).toMatchObject({ state: "pending" });
    await backend.invoke(event!);
    expect(ran.get("young")).toBe(1);
  });
});

describeAws(aws)("a failure record", () => {
  const dies = async (name: string, responsePayload: unknown, retries = 0): Promise<string> => {
    const callId = await spawn(name, "record", 1);
    const payload = await startAndDie(`request of ${callId}`, undefined, retries);
    await backend.dispatcher.handle({ Records: [failureRecord(payload, `request of ${callId}`, responsePayload)] });
    return callId;
  };

  test("of a process that its watchdog ended is a timeout", async () => {
    const callId = await dies("add", {
      errorType: "Runtime.ExitError",
      errorMessage: "RequestId: 1 Error: Runtime exited with error: signal: virtual timer expired",
    });
    expect(await errorOf(callId)).toBeInstanceOf(FunctionTimeoutError);
    expect((await backend.calls.get(callId)).status).toBe("timed-out");
  });

  test("of a process that user code ended is a ProcessExitError, and retried by the policy", async () => {
    const callId = await dies("add", { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 7" });
    expect(await errorOf(callId)).toMatchObject({ name: ProcessExitError.name, exitCode: 7 });
    const retried = await dies("add", { errorType: "Runtime.ExitError", errorMessage: "Runtime exited with error: exit status 7" }, 1);
    expect(await backend.calls.status(retried)).toMatchObject({ state: "pending", attempt: 1 });
    await backend.settle();
    expect((await backend.calls.get(retried)).status).toBe("succeeded");
  });

  test.each(["PermissionDeniedError", "AccessDeniedException"])(
    "of a %s ends its call at once, and says what was denied",
    async (errorType) => {
      const callId = await spawn("add", 1, 1);
      const denied = { errorType, errorMessage: "not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:rows" };
      await backend.dispatcher.handle({ Records: [failureRecord(backend.events.shift()!, "denied", denied)] });
      expect(backend.events).toEqual([]);
      const error = await errorOf(callId);
      expect(error).toBeInstanceOf(InternalFailure);
      expect(error.message).toContain("not authorized to perform: dynamodb:PutItem on resource: arn:aws:dynamodb:rows");
    },
  );

  test("of a denial after its attempt began is not retried either", async () => {
    const callId = await dies("add", { errorType: "PermissionDeniedError", errorMessage: "s3:PutObject of s3://bucket/key" }, 3);
    expect((await errorOf(callId)).message).toContain("s3:PutObject of s3://bucket/key");
  });

  test("of a container that took nothing hands the delivery out again, uncounted, as often as it takes", async () => {
    const callId = await spawn("add", 5, 5);
    for (let i = 0; i <= MAX_LOSSES; i++) {
      const notStarted = { errorType: "Runtime.ExitError", errorMessage: "RequestId: 1 Error: Runtime exited with error: exit status 210" };
      await backend.dispatcher.handle({ Records: [failureRecord(backend.events.shift()!, `poisoned ${i}`, notStarted)] });
      await backend.dispatcher.handle({ Records: await backend.take(1) });
    }
    await backend.settle();
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(10);
    expect(await backend.calls.status(callId)).toMatchObject({ attempt: 1 });
  });

  test("of a process that user code ended with 0 is a ProcessExitError", async () => {
    const callId = await dies("add", {
      errorType: "Runtime.ExitError",
      errorMessage: "RequestId: 1 Error: Runtime exited without providing a reason",
    });
    expect(await errorOf(callId)).toMatchObject({ name: ProcessExitError.name, exitCode: 0 });
  });

  test("of an invocation that somebody else has taken over changes nothing", async () => {
    const callId = await spawn("add", 7, 7);
    const payload = await startAndDie("first", Date.now() - 1);
    await sweep("add");
    await backend.settle();
    await backend.dispatcher.handle({ Records: [failureRecord(payload, "first", { errorType: "x", errorMessage: "y" })] });
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(14);
  });

  test("that cannot be read goes back to the queue, alone", async () => {
    const good = await spawn("add", 1, 2);
    const body = encodeDelivery({ callId: good, fn: "add", delivery: 1 });
    const Records = [
      { messageId: "bad", body: "{" },
      { messageId: "good", body },
      { messageId: "foreign", body: '{"args":[]}' },
    ];
    expect(await backend.dispatcher.handle({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: "bad" }] });
    await backend.settle();
  });
});

describeAws(aws)("a cancel", () => {
  test("ends a pending call, which never runs", async () => {
    const callId = await spawn("note", "cancelled");
    await backend.calls.cancel(callId);
    await backend.settle();
    expect(await errorOf(callId)).toBeInstanceOf(InputCancelledError);
    expect((await backend.calls.get(callId)).status).toBe("cancelled");
    expect(ran.get("cancelled")).toBeUndefined();
  });

  test("ends a call that waits for its retry", async () => {
    const callId = await spawn("flaky", "cancelled between", 99);
    await backend.invoke(backend.events.shift()!);
    await backend.calls.cancel(callId);
    await backend.settle();
    expect((await backend.calls.get(callId)).status).toBe("cancelled");
    expect(ran.get("cancelled between")).toBe(1);
  });

  test("ends a running call within its poll, and its container when that is asked for", async () => {
    const callId = await spawn("waits", "running");
    const running = backend.invoke(backend.events.shift()!);
    while ((await backend.calls.status(callId)).state !== "running") await new Promise((resolve) => setTimeout(resolve, 20));
    await backend.calls.cancel(callId, { terminateContainers: true });
    await backend.calls.cancel(callId);
    expect(await running).toEqual({ ran: true, terminate: true });
    expect((await backend.calls.get(callId, { timeoutMs: 10 * AWS_CANCEL_POLL_MS })).status).toBe("cancelled");
    expect(ran.get("running")).toBe(1);
    expect(backend.events).toEqual([]);
  });

  test("ends a call whose process is gone when its lease is over", async () => {
    const callId = await spawn("note", "gone");
    await startAndDie("gone", Date.now() - 1);
    await backend.calls.cancel(callId);
    await sweep("note");
    expect((await backend.calls.get(callId, { timeoutMs: 0 })).status).toBe("cancelled");
    expect(backend.events).toEqual([]);
  });

  test("comes too late for a call that has ended", async () => {
    const callId = await spawn("add", 1, 1);
    await backend.settle();
    await backend.calls.cancel(callId);
    expect(valueOf(await backend.calls.get(callId))).toBe(2);
  });
});
