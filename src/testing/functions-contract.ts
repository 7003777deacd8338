import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { NotFoundError } from "../model/errors.ts";
import type { AttemptResult } from "../model/outcome.ts";
import type { Backend } from "../ports/backend.ts";
import { decode } from "../wire/codec.ts";
import { decodeError } from "../wire/error-codec.ts";
import { type Contract, type ContractParams, contractFn, inputOf, runContract } from "./contract.ts";

/**
 * The contract of the functions port, for any backend.
 *
 * @example
 * import { describe, it } from "vitest";
 * import { createLocalContractBackend, testFunctions } from "tenon/testing";
 *
 * testFunctions({ describe, it, name: "local backend", create: createLocalContractBackend });
 */
export function testFunctions(params: ContractParams): void {
  runContract("functions", FUNCTIONS_CONTRACT, params);
}

const call = (backend: Backend, name: string, ...args: unknown[]): Promise<AttemptResult> =>
  backend.functions.invoke(contractFn(name), inputOf(...args));

const FUNCTIONS_CONTRACT: Contract = {
  async "an async body's value comes back"(backend) {
    assert.equal(valueOf(await call(backend, "echo", "hi")), "hi");
  },

  async "a synchronous body's value comes back"(backend) {
    assert.equal(valueOf(await call(backend, "add", 2, 3)), 5);
  },

  async "values keep what JSON would lose"(backend) {
    const value = {
      at: new Date(7),
      map: new Map([["a", new Set([1n])]]),
      bytes: Buffer.from([1, 2, 3]),
      gone: undefined,
      floats: new Float64Array([1.5, -0]),
    };
    assert.deepEqual(valueOf(await call(backend, "echo", value)), value);
  },

  async "8 MiB of bytes go there and back"(backend) {
    const bytes = Buffer.alloc(8 * 1024 * 1024, "tenon");
    assert.ok(bytes.equals(valueOf(await call(backend, "echo", bytes)) as Buffer));
  },

  async "an unknown Function is refused with NotFoundError"(backend) {
    await assert.rejects(call(backend, "nobody"), NotFoundError);
  },

  async "an error keeps its class's name, message, fields and cause"(backend) {
    const result = await call(backend, "fail", "why");
    assert.equal(result.status, "failed");
    const error = errorOf(result) as Error & { detail?: string };
    assert.equal(error.name, "ContractError");
    assert.equal(error.message, "it failed");
    assert.equal(error.detail, "why");
    assert.ok(error.cause instanceof RangeError);
    assert.match(error.stack ?? "", /contract-app/);
  },

  async "a value that can't be sent fails the input and names the path to it"(backend) {
    const error = errorOf(await call(backend, "unsendable"));
    assert.equal(error.name, "SerializationError");
    assert.match(error.message, /result\.rows\[0\]\.callback/);
  },

  async "a body that awaits past its timeoutMs is timed out"(backend) {
    const result = await call(backend, "slow");
    assert.equal(result.status, "timed-out");
    assert.equal(errorOf(result).name, "FunctionTimeoutError");
  },

  async "a body that blocks past its timeoutMs is timed out"(backend) {
    assert.equal((await call(backend, "busy")).status, "timed-out");
    assert.equal(valueOf(await call(backend, "echo", 1)), 1);
  },

  async "a cancelled input sees its signal abort and ends cancelled"(backend) {
    const controller = new AbortController();
    const result = backend.functions.invoke(contractFn("sleep"), inputOf(30_000), { signal: controller.signal });
    await pause(300);
    controller.abort();
    assert.equal((await result).status, "cancelled");
  },

  async "an input cancelled before it starts never runs"(backend) {
    const result = await backend.functions.invoke(contractFn("fail"), inputOf("it ran"), { signal: AbortSignal.abort() });
    assert.equal(result.status, "cancelled");
  },

  async "a body that ends its process fails with the exit code"(backend) {
    const error = errorOf(await call(backend, "exit", 7)) as Error & { exitCode?: number };
    assert.equal(error.name, "ProcessExitError");
    assert.equal(error.exitCode, 7);
  },

  async "an unhandled rejection fails the input it belongs to"(backend) {
    const result = await call(backend, "reject");
    assert.equal(result.status, "failed");
    assert.equal(errorOf(result).message, "nobody caught it");
  },

  async "a container killed from outside is a lost attempt"(backend) {
    assert.equal((await call(backend, "die")).status, "lost");
  },

  async "a container with singleUseContainers serves one input"(backend) {
    const started = async (): Promise<unknown> => {
      for (;;) {
        const result = await call(backend, "onceOnly");
        if (result.status !== "not-started") return valueOf(result);
      }
    };
    const processes = [await started(), await started(), await started()];
    assert.equal(new Set(processes).size, 3);
  },

  async "a body knows its input and that it is not local"(backend) {
    const input = { ...inputOf(), attempt: 3 };
    const seen = valueOf(await backend.functions.invoke(contractFn("context"), input));
    assert.deepEqual(seen, { isLocal: false, callId: input.callId, inputId: input.inputId, attempt: 3 });
  },

  async "a body calls Functions of its App, itself too"(backend) {
    assert.equal(valueOf(await call(backend, "nest", 5)), 5);
  },

  async "a call nested too deep is refused with CallDepthError"(backend) {
    assert.equal(errorOf(await call(backend, "nest", 40)).name, "CallDepthError");
  },

  async "many inputs at once all have their own result"(backend) {
    const results = await Promise.all(Array.from({ length: 200 }, (_, i) => call(backend, "echo", i)));
    assert.deepEqual(
      results.map(valueOf),
      Array.from({ length: 200 }, (_, i) => i),
    );
  },

  async "a generator's items come in order, then its return value"(backend) {
    const { items, result } = await drain(backend, "range", 500);
    assert.deepEqual(
      items,
      Array.from({ length: 500 }, (_, i) => i),
    );
    assert.equal(valueOf(result), 500);
  },

  async "a generator's items before an error are delivered"(backend) {
    const { items, result } = await drain(backend, "broken");
    assert.deepEqual(items, ["first"]);
    assert.equal(errorOf(result).message, "after the first");
  },

  async "ending the iteration ends the generator"(backend) {
    const folder = mkdtempSync(join(tmpdir(), "tenon-contract-"));
    const endFile = join(folder, "ended");
    try {
      for await (const item of backend.functions.stream(contractFn("endless"), inputOf(endFile))) if (decode(item) === 100) break;
      for (let tries = 0; !existsSync(endFile); tries++) {
        assert.ok(tries < 100, "the generator's finally block never ran");
        await pause(50);
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

// --- Internal helpers ---

function valueOf(result: AttemptResult): unknown {
  if (result.status !== "succeeded") assert.fail(`the attempt ended as ${JSON.stringify(result)}`);
  return decode(result.value);
}

function errorOf(result: AttemptResult): Error {
  if (result.status === "succeeded" || result.status === "lost" || result.status === "not-started")
    assert.fail(`the attempt ended as ${result.status}`);
  return decodeError(result.error);
}

async function drain(
  backend: Backend,
  name: string,
  ...args: unknown[]
): Promise<{ readonly items: readonly unknown[]; readonly result: AttemptResult }> {
  const items: unknown[] = [];
  const stream = backend.functions.stream(contractFn(name), inputOf(...args));
  for (;;) {
    const next = await stream.next();
    if (next.done === true) return { items, result: next.value };
    items.push(decode(next.value));
  }
}
