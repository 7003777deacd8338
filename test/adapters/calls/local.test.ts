import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLocalCalls } from "../../../src/adapters/calls/local.ts";
import { appPartition, runPartition } from "../../../src/adapters/calls/local-partitions.ts";
import { isAlive } from "../../../src/util/processes.ts";
import { CALL_RETENTION_MS } from "../../../src/adapters/calls/limits.ts";
import { callKeys, type ControlRow } from "../../../src/adapters/calls/local-rows.ts";
import { MAX_LOSSES } from "../../../src/model/call-state.ts";
import {
  AlreadyExistsError,
  InputCancelledError,
  InternalFailure,
  NotFoundError,
  OutputExpiredError,
  OutputTimeoutError,
} from "../../../src/model/errors.ts";
import { newCallId } from "../../../src/model/ids.ts";
import { decodeError } from "../../../src/wire/error-codec.ts";
import { startProgram } from "../../local/program.ts";
import { until } from "../../local/until.ts";
import { app, envelopeOf, fail, openCallsBackend, succeed, valueOf, type CallsBackend } from "./local-backend.ts";

const add = { app, name: "add" };
let backend: CallsBackend;

beforeEach(async () => {
  backend = await openCallsBackend();
});
afterEach(() => backend.close());

const spawn = async (args: readonly unknown[], ref = add, callId?: string): Promise<string> => {
  return backend.calls.spawn(ref, envelopeOf(args, callId));
};

const errorOf = async (callId: string): Promise<Error> => {
  const outcome = await backend.calls.get(callId);
  if (outcome.status === "succeeded") expect.fail("the call succeeded");
  return decodeError(outcome.error);
};

/** Changes the clock of an ended call. */
const age = async (callId: string, ms: number): Promise<void> => {
  const { rows } = backend.state;
  const keys = callKeys("dev");
  const row = rows.get<ControlRow>(keys.control(callId))!;
  const finishedAtMs = row.finishedAtMs! - ms;
  await rows.put(keys.control(callId), { ...row, finishedAtMs });
  for (const { key } of rows.range(keys.ended())) if (key.endsWith(callId)) await rows.delete(key);
  await rows.put(`${keys.ended()}${String(finishedAtMs).padStart(14, "0")}#${callId}`, 1);
};

describe("a durable call", () => {
  test("waits in its rows until a driver is there, runs, and keeps its outcome for everyone who asks", async () => {
    const callId = await spawn([2, 3]);
    expect(await backend.calls.status(callId)).toMatchObject({ callId, ref: add, state: "pending", attempt: 0 });
    await expect(backend.calls.get(callId, { timeoutMs: 0 })).rejects.toThrow(OutputTimeoutError);
    await expect(backend.calls.get(callId, { timeoutMs: 20 })).rejects.toThrow(OutputTimeoutError);

    backend.drive({ add: ([a, b]) => succeed((a as number) + (b as number)) });

    expect(valueOf(await backend.calls.get(callId))).toBe(5);
    expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(5);
    expect(await backend.calls.status(callId)).toMatchObject({ state: "succeeded", attempt: 1, finishedAtMs: expect.any(Number) });
  });

  test("with an id that is known is the same call", async () => {
    backend.drive({ add: ([a, b]) => succeed((a as number) + (b as number)) });
    const callId = await spawn([1, 1], add, "order-1");
    await Promise.all([spawn([1, 1], add, "order-1"), spawn([1, 1], add, "order-1")]);
    expect(valueOf(await backend.calls.get(callId))).toBe(2);
    expect(await spawn([1, 1], add, "order-1")).toBe(callId);
    expect(valueOf(await backend.calls.get(callId))).toBe(2);
    expect(backend.invoked.get("add")).toBe(1);
  });

  test("that an older Tenon accepted takes any input under its id", async () => {
    const callId = await spawn([1, 1], add, "order-2");
    await expect(spawn([1, 2], add, "order-2")).rejects.toThrow(AlreadyExistsError);
    const key = callKeys("dev").control(callId);
    const { input, ...older } = backend.state.rows.get<ControlRow>(key)!;
    expect(input).toEqual(expect.any(String));
    await backend.state.rows.put(key, older);
    expect(await spawn([1, 2], add, "order-2")).toBe(callId);
  });

  test("carries large bytes in and out, in rows of their own that go when they are read no more", async () => {
    const part = () => backend.state.rows.range("part#").length;
    const callId = await spawn([new Uint8Array(300_000).fill(9), new Uint8Array(8)]);
    expect(part()).toBe(1);
    backend.drive({ add: ([bytes]) => succeed({ twice: [bytes, bytes], small: new Uint8Array(3) }) });
    const value = valueOf(await backend.calls.get(callId)) as { twice: Uint8Array[]; small: Uint8Array };
    expect(value.twice.map((bytes) => [bytes.byteLength, bytes[299_999]])).toEqual([
      [300_000, 9],
      [300_000, 9],
    ]);
    await age(callId, CALL_RETENTION_MS + 10_000);
    await backend.calls.collect();
    expect(part()).toBe(0);
  });

  test("of an unknown id is not found, by any question", async () => {
    const callId = newCallId();
    await expect(backend.calls.get(callId)).rejects.toThrow(NotFoundError);
    await expect(backend.calls.status(callId)).rejects.toThrow(NotFoundError);
    await expect(backend.calls.cancel(callId)).rejects.toThrow(NotFoundError);
  });

  test("expires 7 days after its end, whether or not its rows were collected", async () => {
    backend.drive({ add: () => succeed(1) });
    const callId = await spawn([]);
    await backend.calls.get(callId);
    await age(callId, CALL_RETENTION_MS - 60_000);
    expect(valueOf(await backend.calls.get(callId))).toBe(1);
    await age(callId, 120_000);
    await expect(backend.calls.get(callId)).rejects.toThrow(OutputExpiredError);
    await backend.calls.collect();
    expect(backend.state.rows.get(callKeys("dev").value(callId))).toBeUndefined();
    await expect(backend.calls.get(callId)).rejects.toThrow(OutputExpiredError);
  });

  test("is accepted while its driver can't be reached, which its waiters are told", async () => {
    const unreachable = createLocalCalls({
      rows: backend.state.rows,
      environment: "dev",
      route: async () => appPartition(app),
      wake: () => Promise.reject(new InternalFailure("no host")),
      isAlive,
    });
    const callId = await unreachable.spawn(add, envelopeOf([1, 2]));
    await expect(unreachable.get(callId)).rejects.toThrow("no host");
    backend.drive({ add: () => succeed("driven") });
    expect(valueOf(await backend.calls.get(callId))).toBe("driven");
  });

  test("is given up by a waiter whose signal aborts, and goes on", async () => {
    const callId = await spawn([]);
    await expect(backend.calls.get(callId, { signal: AbortSignal.timeout(20) })).rejects.toMatchObject({ name: "TimeoutError" });
    backend.drive({ add: () => succeed("done") });
    expect(valueOf(await backend.calls.get(callId))).toBe("done");
  });
});

describe("a failing call", () => {
  const policy = { maxRetries: 2, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 1_000 };

  test("is retried by its policy, with the attempt's number, until it succeeds", async () => {
    const attempts: number[] = [];
    backend.drive({ add: (_, envelope) => (attempts.push(envelope.attempt) < 2 ? fail("not yet") : succeed("at last")) }, policy);
    const callId = await spawn([]);
    expect(valueOf(await backend.calls.get(callId))).toBe("at last");
    expect(attempts).toEqual([1, 2]);
    expect(backend.events).toMatchObject([
      { code: "INPUT_RETRIED", fn: "add", call: callId, delayMs: 1_000, error: "RangeError: not yet" },
    ]);
  });

  test("waits for its retry in its row, so that another driver makes it", async () => {
    const first = backend.drive({ add: () => fail("broken") }, policy);
    const callId = await spawn([]);
    await until(async () => (await backend.calls.status(callId)).attempt === 1 && (await backend.calls.status(callId)).state === "pending");
    await first.drain();
    const { state } = backend.state.rows.get<ControlRow>(callKeys("dev").control(callId))!;
    expect(state).toMatchObject({ status: "pending", notBeforeMs: expect.any(Number) });
    backend.drive({ add: (_, { attempt }) => succeed(attempt) }, policy);
    expect(valueOf(await backend.calls.get(callId))).toBe(2);
  });

  test("fails with its own error after the last attempt", async () => {
    backend.drive({ add: () => fail("for ever") });
    const error = await errorOf(await spawn([]));
    expect(error).toBeInstanceOf(RangeError);
    expect(error.message).toBe("for ever");
  });

  test("whose Function can't be reached fails in words", async () => {
    backend.drive({
      add: () => {
        throw new NotFoundError('App "shop" has no Function "add".');
      },
    });
    expect(await errorOf(await spawn([]))).toBeInstanceOf(NotFoundError);
  });
});

describe("a lost call", () => {
  test("runs again free, with the same attempt number", async () => {
    const attempts: number[] = [];
    backend.drive({
      add: (_, { attempt }) => (attempts.push(attempt) <= MAX_LOSSES ? { status: "lost", reason: "killed" } : succeed("alive")),
    });
    expect(valueOf(await backend.calls.get(await spawn([])))).toBe("alive");
    expect(attempts).toEqual(Array.from({ length: MAX_LOSSES + 1 }, () => 1));
    expect(backend.events.filter((event) => event.code === "INPUT_LOST")).toHaveLength(MAX_LOSSES);
  });

  test("is an internal failure after too many losses", async () => {
    backend.drive({ add: () => ({ status: "lost", reason: "killed by SIGKILL" }) });
    const error = await errorOf(await spawn([]));
    expect(error).toBeInstanceOf(InternalFailure);
    expect(error.message).toContain("killed by SIGKILL");
    expect(backend.invoked.get("add")).toBe(MAX_LOSSES + 1);
  });

  test("that never started waits as often as it takes", async () => {
    let tries = 0;
    backend.drive({ add: () => (++tries <= 12 ? { status: "not-started", reason: "no room", retryAfterMs: 1 } : succeed(tries)) });
    expect(valueOf(await backend.calls.get(await spawn([])))).toBe(13);
  });
});

describe("a cancelled call", () => {
  test("that waits never runs", async () => {
    const callId = await spawn([]);
    await backend.calls.cancel(callId);
    expect(await errorOf(callId)).toBeInstanceOf(InputCancelledError);
    const driver = backend.drive({ add: () => succeed(1) });
    expect(driver.hasUnfinished()).toBe(false);
    await driver.drain();
    expect(backend.invoked.size).toBe(0);
  });

  test("that runs has its signal aborted and is not retried", async () => {
    backend.drive(
      { add: (_, __, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(fail("stopped halfway")))) },
      { maxRetries: 5, backoffCoefficient: 1, initialDelayMs: 0, maxDelayMs: 1_000 },
    );
    const callId = await spawn([]);
    await until(() => backend.invoked.get("add") === 1);
    await backend.calls.cancel(callId);
    expect(await errorOf(callId)).toBeInstanceOf(InputCancelledError);
    expect(backend.invoked.get("add")).toBe(1);
  });

  test("that has its outcome keeps it", async () => {
    backend.drive({ add: () => succeed(7) });
    const callId = await spawn([]);
    await backend.calls.get(callId);
    await backend.calls.cancel(callId);
    expect(valueOf(await backend.calls.get(callId))).toBe(7);
  });

  test("of a partition that ends is one of all that are left, running or not", async () => {
    backend.drive({
      hang: (_, __, signal) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve({ status: "lost", reason: "gone" }))),
    });
    const running = await spawn([], { app, name: "hang" });
    await until(() => backend.invoked.get("hang") === 1);
    await backend.calls.endPartition(`app#${app}`);
    expect(await errorOf(running)).toBeInstanceOf(InputCancelledError);
  });
});

describe("many calls", () => {
  test("of one Function do not hold up another's", async () => {
    backend.drive({
      slow: (_, __, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve(fail("cancelled")))),
      add: () => succeed("quick"),
    });
    const slow = await Promise.all(Array.from({ length: 150 }, () => spawn([], { app, name: "slow" })));
    expect(valueOf(await backend.calls.get(await spawn([])))).toBe("quick");
    await Promise.all(slow.map((callId) => backend.calls.cancel(callId)));
    for (const callId of slow) expect((await backend.calls.get(callId)).status).toBe("cancelled");
  });

  test("1,000 of them each run once", async () => {
    backend.drive({ add: ([n]) => succeed(n) });
    const ids = await Promise.all(Array.from({ length: 1_000 }, (_, n) => spawn([n])));
    const values = await Promise.all(ids.map(async (callId) => valueOf(await backend.calls.get(callId))));
    expect(values).toEqual(Array.from({ length: 1_000 }, (_, n) => n));
    expect(backend.invoked.get("add")).toBe(1_000);
    expect(["ready#", "delayed#", "held#", "in#"].flatMap((list) => backend.state.rows.range(list))).toEqual([]);
  });
});

describe("a driver that is killed", () => {
  test("loses what it held; the next one runs it again free, and everything has one outcome", async () => {
    const callIds = await Promise.all(Array.from({ length: 50 }, (_, n) => spawn([n])));
    const killed = await startProgram("call-driver.ts", [backend.stateDir, "hang-after", "10"]);
    await killed.message("hanging");
    await killed.kill();
    const before = await Promise.all(callIds.map((callId) => backend.calls.status(callId)));
    const done = before.filter((status) => status.state === "succeeded");
    expect(done).toHaveLength(10);
    expect(before.filter((status) => status.state === "running")).toHaveLength(40);

    backend.drive({ add: ([n], { attempt }) => succeed(`here ${String(n)} attempt ${attempt}`) });

    const values = await Promise.all(callIds.map(async (callId) => valueOf(await backend.calls.get(callId))));
    expect(values.filter((value) => String(value).startsWith("child "))).toHaveLength(10);
    expect(values.filter((value) => String(value).endsWith("attempt 1"))).toHaveLength(40);
    expect(backend.invoked.get("add")).toBe(40);
  });

  test("again and again, in the middle of its writes, leaves exactly one outcome each", async () => {
    const callIds = await Promise.all(Array.from({ length: 300 }, (_, n) => spawn([n])));
    for (let round = 0; round < 4; round++) {
      const killed = await startProgram("call-driver.ts", [backend.stateDir, "run"]);
      await killed.message("running");
      await killed.kill();
    }
    backend.drive({ add: ([n]) => succeed(n) });
    for (const callId of callIds) expect((await backend.calls.get(callId)).status).toBe("succeeded");
    expect(backend.state.rows.range(callKeys("dev").ended())).toHaveLength(300);
    expect(["ready#", "delayed#", "held#", "in#", "cancel#"].flatMap((list) => backend.state.rows.range(list))).toEqual([]);
  });

  test("of a running App takes its calls with it", async () => {
    const killed = await startProgram("call-driver.ts", [backend.stateDir, "run-app"]);
    const { callId, partition } = await killed.message<{ callId: string; partition: string }>("spawned");
    expect(partition).toContain("run#");
    expect((await backend.calls.status(callId)).state).toBe("running");
    await killed.kill();
    expect(await errorOf(callId)).toBeInstanceOf(InputCancelledError);
    await backend.calls.collect();
    expect(backend.state.rows.range(`held#dev#${runPartition("", "").slice(0, 4)}`)).toEqual([]);
  });
});
