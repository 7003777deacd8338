import { afterAll, beforeAll, expect } from "vitest";
import { currentInputSignal } from "../../../src/context/context.ts";
import { asDurable } from "../../../src/wire/durable-envelope.ts";
import { decodeError } from "../../../src/wire/error-codec.ts";
import { emulatedAws } from "../../helpers/emulator.ts";
import { openAwsCallsWorld, type AwsCallsWorld } from "./aws-backend.ts";
import { app, envelopeOf } from "./local-backend.ts";

/** How often each body ran, by what it was called with. */
export const ran = new Map<string, number>();
const count = (key: string): number => {
  ran.set(key, (ran.get(key) ?? 0) + 1);
  return ran.get(key)!;
};

/** The emulated account of the test file. */
export const aws = await emulatedAws({ iam: false });
/** Its durable calls. */
export let backend: AwsCallsWorld;

beforeAll(async () => {
  if (aws.missing) return;
  backend = await openAwsCallsWorld(
    { ...aws.account, credentials: aws.account.rootCredentials },
    {
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
      flakyInTurn: {
        retries: 2,
        maxContainers: 1,
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
    },
  );
});
afterAll(() => (aws.missing ? undefined : backend.close()));

export const ref = (name: string): { app: string; name: string } => ({ app, name });

export const spawn = async (name: string, ...args: unknown[]): Promise<string> => {
  return backend.calls.spawn(ref(name), envelopeOf(args));
};

export const errorOf = async (callId: string): Promise<Error> => {
  const outcome = await backend.calls.get(callId, { timeoutMs: 0 });
  if (outcome.status === "succeeded") expect.fail("the call succeeded");
  return decodeError(outcome.error);
};

/** What Lambda puts into the queue when an event has failed. */
export const failureRecord = (payload: string, requestId: string, responsePayload: unknown): { messageId: string; body: string } => ({
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
export const startAndDie = async (requestId: string, leaseUntilMs = Date.now() + 60_000, retries = 0): Promise<string> => {
  const payload = backend.events.shift()!;
  const { callId, fn, delivery } = JSON.parse(payload) as { callId: string; fn: string; delivery: number };
  const policy = { maxRetries: retries, backoffCoefficient: 1, initialDelayMs: 1_000, maxDelayMs: 1_000 };
  expect(await backend.driver.start(ref(fn), callId, { delivery, lease: requestId, leaseUntilMs, retries: policy })).toMatchObject({
    status: "running",
  });
  return payload;
};

/** Has the dispatcher work off the messages that the rule of the sweep makes it write to itself. */
export const sweep = (...fns: string[]): Promise<unknown> =>
  backend.dispatcher.handle({ Records: fns.map((fn) => ({ messageId: fn, body: JSON.stringify({ sweep: fn }) })) });

/** Leaves a call as one whose caller died before it could tell the Function. */
export const leave = async (name: string, args: readonly unknown[], acceptedAtMs: number): Promise<string> => {
  const durable = asDurable("dev", ref(name), envelopeOf(args));
  await backend.rows.insert(ref(name), durable, acceptedAtMs);
  return durable.callId;
};
