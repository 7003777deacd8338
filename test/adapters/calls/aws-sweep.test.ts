import { afterAll, beforeAll, expect, test } from "vitest";
import { AWS_SWEEP_EVERY_MS, DUE_SHARDS } from "../../../src/adapters/calls/limits.ts";
import { dueKey } from "../../../src/adapters/calls/aws-keys.ts";
import { createAwsClients } from "../../../src/adapters/aws/clients.ts";
import { durableCallId } from "../../../src/model/call-ids.ts";
import { asDurable } from "../../../src/wire/durable-envelope.ts";
import { encodeDelivery } from "../../../src/wire/delivery.ts";
import { describeAws, emulatedAws } from "../../helpers/emulator.ts";
import { openAwsCallsWorld, type AwsCallsWorld } from "./aws-backend.ts";
import { app, envelopeOf, valueOf } from "./local-backend.ts";

const aws = await emulatedAws({ iam: false });
const ref = (name: string): { app: string; name: string } => ({ app, name });
let backend: AwsCallsWorld;

beforeAll(async () => {
  if (aws.missing) return;
  const account = { ...aws.account, credentials: aws.account.rootCredentials };
  const add = { body: (a: number, b: number) => a + b };
  // So little time that each message of a sweep works off one batch.
  backend = await openAwsCallsWorld(account, { many: add, few: add }, { sweepBudgetMs: 0 });
});
afterAll(() => (aws.missing ? undefined : backend.close()));

/** Calls that their callers left before they could tell the Function. */
async function leave(name: string, count: number): Promise<readonly string[]> {
  const accepted = Date.now() - AWS_SWEEP_EVERY_MS - 1_000;
  const envelopes = Array.from({ length: count }, (_, i) => asDurable("dev", ref(name), envelopeOf([i, 1])));
  await Promise.all(envelopes.map((envelope) => backend.rows.insert(ref(name), envelope, accepted)));
  return envelopes.map(({ callId }) => callId);
}

describeAws(aws)("a sweep", () => {
  test("of a Function with many calls goes on where it stopped, and keeps no other Function waiting", async () => {
    const [many, few] = [await leave("many", 70), await leave("few", 1)];
    await backend.dispatcher.handle({ sweep: ["many", "few"] });
    const first = await backend.take(1);
    expect(first.map(({ body }) => JSON.parse(body) as object)).toEqual(expect.arrayContaining([{ sweep: "many" }, { sweep: "few" }]));
    await backend.dispatcher.handle({ Records: first });
    expect(backend.events.filter((payload) => payload.includes('"few"'))).toHaveLength(1);
    expect(backend.events).toHaveLength(51);
    // One that comes in between leaves it alone.
    await backend.dispatcher.handle({ Records: [{ messageId: "rule", body: '{"sweep":"many"}' }] });
    expect(backend.events).toHaveLength(51);
    await backend.settle();
    for (const [i, callId] of many.entries()) expect(valueOf(await backend.calls.get(callId, { timeoutMs: 0 }))).toBe(i + 1);
    expect(valueOf(await backend.calls.get(few[0]!, { timeoutMs: 0 }))).toBe(1);
    expect(await backend.due.place(ref("many"))).toBeUndefined();
  });

  test("goes on after one whose message was lost", async () => {
    const left = await leave("many", 60);
    await backend.dispatcher.handle({ Records: [{ messageId: "first", body: '{"sweep":"many"}' }] });
    await backend.take(1);
    const place = await backend.due.place(ref("many"));
    await backend.due.keepPlace(ref("many"), { ...place!, heldUntilMs: Date.now() - 1 });
    await backend.dispatcher.handle({ Records: [{ messageId: "second", body: '{"sweep":"many"}' }] });
    expect(backend.events).toHaveLength(60);
    await backend.settle();
    expect(valueOf(await backend.calls.get(left[59]!, { timeoutMs: 0 }))).toBe(60);
  });

  test("removes the mark of a call whose input was never written, and starts nothing", async () => {
    const callId = durableCallId("dev", ref("few"), "abandoned");
    const clients = createAwsClients({ region: aws.account.region, endpoint: aws.account.endpoint });
    await clients.table(backend.table).put({ ...dueKey(callId), createdAt: Date.now() - AWS_SWEEP_EVERY_MS - 1_000 });
    await backend.dispatcher.handle({ Records: [{ messageId: "few", body: '{"sweep":"few"}' }] });
    expect(backend.events).toEqual([]);
    expect(await clients.table(backend.table).get(dueKey(callId))).toBeUndefined();
    clients.destroy();
  });
});

describeAws(aws)("durable calls of one Function", () => {
  test("have partitions of their own, and marks that spread over the shards", async () => {
    const keys = await leave("many", 100);
    const shards = new Map<string, number>();
    for (const callId of keys) shards.set(dueKey(callId).pk, (shards.get(dueKey(callId).pk) ?? 0) + 1);
    expect(shards.size).toBe(DUE_SHARDS);
    for (const count of shards.values()) expect(count).toBeLessThan(40);
    for (const callId of keys) await backend.rows.forget(callId);
  });

  test("are dropped by the dispatcher when a message names them for another Function", async () => {
    const [callId] = await leave("many", 1);
    await backend.dispatcher.handle({
      Records: [{ messageId: "forged", body: encodeDelivery({ callId: callId!, fn: "few", delivery: 1 }) }],
    });
    expect(backend.events).toEqual([]);
    expect(await backend.calls.status(callId!)).toMatchObject({ state: "pending", attempt: 0 });
  });
});
