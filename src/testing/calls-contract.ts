import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { newCallId } from "../model/ids.ts";
import { AlreadyExistsError, NotFoundError, OutputTimeoutError } from "../model/errors.ts";
import type { Outcome } from "../model/outcome.ts";
import type { Backend } from "../ports/backend.ts";
import { decode } from "../wire/codec.ts";
import { decodeError } from "../wire/error-codec.ts";
import { type Contract, type ContractParams, contractFn, inputOf, runContract } from "./contract.ts";

/**
 * The contract of the calls port, for any backend.
 *
 * @example
 * import { describe, it } from "vitest";
 * import { createLocalContractBackend, testCalls } from "tenon/testing";
 *
 * testCalls({ describe, it, name: "local backend", create: createLocalContractBackend });
 */
export function testCalls(params: ContractParams): void {
  runContract("calls", CALLS_CONTRACT, params);
}

const CALLS_AT_ONCE = 30;

async function spawn(backend: Backend, name: string, ...args: unknown[]): Promise<string> {
  return backend.calls.spawn(contractFn(name), inputOf(...args));
}

const CALLS_CONTRACT: Contract = {
  async "a spawned call's value can be had, again and again"(backend) {
    const callId = await spawn(backend, "echo", { at: new Date(1) });
    assert.deepEqual(valueOf(await backend.calls.get(callId)), { at: new Date(1) });
    assert.deepEqual(valueOf(await backend.calls.get(callId)), { at: new Date(1) });
  },

  async "a large argument and value survive"(backend) {
    const bytes = Buffer.alloc(1024 * 1024, "tenon");
    const value = valueOf(await backend.calls.get(await spawn(backend, "echo", bytes)));
    assert.ok(bytes.equals(value as Buffer));
  },

  async "the call id is an idempotency key"(backend) {
    const input = inputOf("first");
    const callId = await backend.calls.spawn(contractFn("echo"), input);
    assert.equal(await backend.calls.spawn(contractFn("echo"), { ...inputOf("first"), callId: input.callId }), callId);
    assert.equal(valueOf(await backend.calls.get(callId)), "first");
    assert.equal(await backend.calls.spawn(contractFn("echo"), { ...inputOf("first"), callId: input.callId }), callId);
  },

  async "a call id that is known with another input is refused, while the call runs and after it"(backend) {
    const own = `order:${newCallId()}`;
    const bytes = Buffer.alloc(8 * 1024, "tenon");
    const again = (value: unknown): Promise<string> => backend.calls.spawn(contractFn("echo"), { ...inputOf(value), callId: own });
    const callId = await again(bytes);
    const refused = (error: Error): boolean => error instanceof AlreadyExistsError && error.message.includes(own);
    await assert.rejects(again(Buffer.alloc(8 * 1024, "other")), refused);
    await assert.rejects(again("tenon"), refused);
    assert.ok(bytes.equals(valueOf(await backend.calls.get(callId)) as Buffer));
    await assert.rejects(again("tenon"), refused);
    assert.equal(await again(bytes), callId);
  },

  async "a caller's own call id finds its call again by the Function"(backend) {
    const own = `order:${newCallId()}`;
    const callId = await backend.calls.spawn(contractFn("echo"), { ...inputOf("once"), callId: own });
    assert.equal(await backend.calls.spawn(contractFn("echo"), { ...inputOf("once"), callId: own }), callId);
    assert.equal(await backend.calls.idOf(contractFn("echo"), own), callId);
    assert.equal(valueOf(await backend.calls.get(callId)), "once");
  },

  async "one call id for two Functions is two calls"(backend) {
    const input = inputOf(1, 2);
    const [first, second] = await Promise.all([
      backend.calls.spawn(contractFn("echo"), input),
      backend.calls.spawn(contractFn("add"), input),
    ]);
    assert.deepEqual([valueOf(await backend.calls.get(first)), valueOf(await backend.calls.get(second))], [1, 3]);
  },

  async "waiting ends with OutputTimeoutError and the call goes on"(backend) {
    const callId = await spawn(backend, "sleep", 1_500);
    await assert.rejects(backend.calls.get(callId, { timeoutMs: 0 }), OutputTimeoutError);
    await assert.rejects(backend.calls.get(callId, { timeoutMs: 100 }), OutputTimeoutError);
    assert.equal(valueOf(await backend.calls.get(callId)), "slept");
  },

  async "an unknown call is refused with NotFoundError"(backend) {
    await assert.rejects(backend.calls.get(newCallId(), { timeoutMs: 0 }), NotFoundError);
    await assert.rejects(backend.calls.status(newCallId()), NotFoundError);
  },

  async "a spawn of an unknown Function is refused with NotFoundError"(backend) {
    await assert.rejects(spawn(backend, "nobody"), NotFoundError);
  },

  async "a failure is retried as the Function says, and each attempt knows its number"(backend) {
    const callId = await spawn(backend, "flaky", 3);
    assert.equal(valueOf(await backend.calls.get(callId)), 3);
    const status = await backend.calls.status(callId);
    assert.equal(status.state, "succeeded");
    assert.equal(status.attempt, 3);
  },

  async "a failure past the last retry is the outcome"(backend) {
    const callId = await spawn(backend, "flaky", 99);
    const outcome = await backend.calls.get(callId);
    assert.equal(outcome.status, "failed");
    assert.equal((errorOf(outcome) as Error & { detail?: string }).detail, "4");
  },

  async "an attempt that runs out of time is the outcome"(backend) {
    const outcome = await backend.calls.get(await spawn(backend, "slow"));
    assert.equal(outcome.status, "timed-out");
    assert.equal(errorOf(outcome).name, "FunctionTimeoutError");
  },

  async "a running call ends cancelled and is not retried"(backend) {
    const callId = await spawn(backend, "sleep", 60_000);
    while ((await backend.calls.status(callId)).state !== "running") await pause(20);
    await backend.calls.cancel(callId);
    const outcome = await backend.calls.get(callId);
    assert.equal(outcome.status, "cancelled");
    assert.equal(errorOf(outcome).name, "InputCancelledError");
    await backend.calls.cancel(callId);
    assert.equal((await backend.calls.get(callId)).status, "cancelled");
  },

  async "a call that always loses its container ends as InternalFailure"(backend) {
    const outcome = await backend.calls.get(await spawn(backend, "die"));
    assert.equal(outcome.status, "failed");
    assert.equal(errorOf(outcome).name, "InternalFailure");
  },

  async "no more than maxContainers inputs of spawned calls run at once"(backend) {
    const spans = await spansOf(backend, "oneAtATime", 6, 150);
    assert.equal(mostAtOnce(spans), 1);
  },

  async "as many inputs of spawned calls as maxContainers run at once, and not one more"(backend) {
    const spans = await spansOf(backend, "twoAtATime", 8, 500);
    assert.equal(mostAtOnce(spans), 2);
  },

  async "many calls at once each have their own outcome"(backend) {
    const callIds = await Promise.all(Array.from({ length: CALLS_AT_ONCE }, (_, i) => spawn(backend, "add", i, 1)));
    const outcomes = await Promise.all(callIds.map((callId) => backend.calls.get(callId)));
    assert.deepEqual(
      outcomes.map(valueOf),
      Array.from({ length: CALLS_AT_ONCE }, (_, i) => i + 1),
    );
  },
};

// --- Internal helpers ---

function valueOf(outcome: Outcome): unknown {
  if (outcome.status !== "succeeded") assert.fail(`the call ended as ${JSON.stringify(outcome)}`);
  return decode(outcome.value);
}

/** When each of so many calls began and ended. */
async function spansOf(backend: Backend, name: string, calls: number, ms: number): Promise<readonly (readonly [number, number])[]> {
  const callIds = await Promise.all(Array.from({ length: calls }, () => spawn(backend, name, ms)));
  const outcomes = await Promise.all(callIds.map((callId) => backend.calls.get(callId)));
  return outcomes.map((outcome) => valueOf(outcome) as [number, number]);
}

/** The most that ran at the same moment; what begins as another ends did not run beside it. */
function mostAtOnce(spans: readonly (readonly [number, number])[]): number {
  return Math.max(...spans.map(([begin]) => spans.filter(([from, to]) => from <= begin && begin < to).length));
}

function errorOf(outcome: Outcome): Error {
  if (outcome.status === "succeeded") assert.fail("the call succeeded");
  return decodeError(outcome.error);
}
