import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLocalCalls, type LocalCalls } from "../../../src/adapters/calls/local.ts";
import { appPartition } from "../../../src/adapters/calls/local-partitions.ts";
import { startCallDriver, type CallDriver } from "../../../src/adapters/calls/local-driver.ts";
import { isAlive, ownKey } from "../../../src/util/processes.ts";
import { openState, type LocalState } from "../../../src/adapters/lmdb/state.ts";
import { newCallId, newInputId } from "../../../src/model/ids.ts";
import type { RetryPolicy } from "../../../src/model/function-spec.ts";
import type { AttemptResult, Outcome } from "../../../src/model/outcome.ts";
import type { TenonEvent } from "../../../src/ports/events.ts";
import type { InvokeParams } from "../../../src/ports/functions.ts";
import { decode, encode } from "../../../src/wire/codec.ts";
import { encodeError } from "../../../src/wire/error-codec.ts";
import { ENVELOPE_VERSION, type Envelope } from "../../../src/wire/envelope.ts";

/** What an attempt of a test's Function does. */
export type Body = (args: readonly unknown[], envelope: Envelope, signal: AbortSignal) => Promise<AttemptResult> | AttemptResult;

/** The durable calls of a state folder, with a driver in this process when asked for. */
export interface CallsBackend {
  readonly stateDir: string;
  readonly state: LocalState;
  readonly calls: LocalCalls;
  readonly events: TenonEvent[];
  /** How often each Function was invoked. */
  readonly invoked: Map<string, number>;
  drive(functions: Readonly<Record<string, Body>>, retries?: RetryPolicy): CallDriver;
  close(): Promise<void>;
}

export const app = "shop";
export const once: RetryPolicy = { maxRetries: 0, backoffCoefficient: 1, initialDelayMs: 0, maxDelayMs: 1_000 };

export async function openCallsBackend(
  stateDir: string = mkdtempSync(join(tmpdir(), "tenon-calls-")),
  partition: string = appPartition(app),
): Promise<CallsBackend> {
  const state = await openState(stateDir);
  const drivers: CallDriver[] = [];
  const events: TenonEvent[] = [];
  const invoked = new Map<string, number>();
  const calls = createLocalCalls({
    rows: state.rows,
    environment: "dev",
    route: async () => partition,
    wake: async () => drivers.forEach((driver) => driver.wake()),
    isAlive,
  });
  return {
    stateDir,
    state,
    calls,
    events,
    invoked,
    drive(functions, retries = once) {
      const driver = startCallDriver({
        rows: state.rows,
        environment: "dev",
        partition,
        owner: ownKey(),
        isAlive,
        settled: calls.settled,
        onEvent: (event) => events.push(event),
        retries: (ref) => (ref.name in functions ? retries : undefined),
        functions: {
          async invoke(ref, envelope, { signal }: InvokeParams = {}) {
            invoked.set(ref.name, (invoked.get(ref.name) ?? 0) + 1);
            return functions[ref.name]!(decode(envelope.args) as unknown[], envelope, signal!);
          },
          stream() {
            throw new TypeError("durable calls do not stream");
          },
        },
      });
      drivers.push(driver);
      return driver;
    },
    async close() {
      await Promise.all(drivers.map((driver) => driver.drain()));
      await state.close();
      rmSync(stateDir, { recursive: true, force: true });
    },
  };
}

export function envelopeOf(args: readonly unknown[], callId: string = newCallId()): Envelope {
  return { v: ENVELOPE_VERSION, callId, inputId: newInputId(), attempt: 1, args: encode(args, "args"), root: callId, depth: 0 };
}

export const succeed = (value: unknown): AttemptResult => ({ status: "succeeded", value: encode(value, "result") });
export const fail = (message: string): AttemptResult => ({ status: "failed", error: encodeError(new RangeError(message)) });
export const valueOf = (outcome: Outcome): unknown => (outcome.status === "succeeded" ? decode(outcome.value) : outcome);
