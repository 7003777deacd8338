import { join } from "node:path";
import { Client, InputCancelledError, NotFoundError, RemoteFunction } from "tenon";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import type * as Long from "../fixtures/long-app.ts";
import type { Backend } from "../../src/ports/backend.ts";
import { registry } from "../../src/context/registry.ts";
import { actOn, deployOnAccount } from "../helpers/deployed-app.ts";
import { describeAws, emulatedAws } from "../helpers/emulator.ts";

const aws = await emulatedAws();

describeAws(aws)("a Function on AWS that may take longer than a caller holds a connection", { timeout: 60_000 }, () => {
  let client: Client;
  let backend: Backend;
  beforeAll(async () => {
    await deployOnAccount(aws.account, "test", join(import.meta.dirname, "../fixtures/long-app.ts"));
    actOn(aws.account);
    const where = { environment: "test", region: aws.account.region, endpoint: aws.account.endpoint };
    client = new Client({ backend: "aws", ...where });
    backend = await registry().backends!.connectAws(where);
  }, 60_000);
  afterAll(async () => {
    await client?.close();
    await backend?.close();
  });

  const idOf = (name: string, own: string): Promise<string> => backend.calls.idOf({ app: "long", name }, own);
  const double = (): RemoteFunction<typeof Long.double.local> => RemoteFunction.fromName<typeof Long.double>("long", "double", { client });

  it("is spawned by remote, so that its outcome can be asked for again", async () => {
    expect(await double().with({ callId: "kept" }).remote(21)).toBe(42);
    expect(await backend.calls.status(await idOf("double", "kept"))).toMatchObject({
      state: "succeeded",
      ref: { app: "long", name: "double" },
    });
    const short = RemoteFunction.fromName<typeof Long.short>("long", "short", { client });
    expect(await short.with({ callId: "not-kept" }).remote(21)).toBe(42);
    await expect(backend.calls.status(await idOf("short", "not-kept"))).rejects.toThrow(NotFoundError);
  });

  it("gives map its results in order", async () => {
    expect(await double().map([1, 2, 3, 4, 5]).toArray()).toEqual([2, 4, 6, 8, 10]);
  });

  it("is retried by its policy, and fails with its own error", async () => {
    expect(await RemoteFunction.fromName<typeof Long.flaky>("long", "flaky", { client }).remote()).toBe(2);
    const failing = RemoteFunction.fromName<typeof Long.broken>("long", "broken", { client }).remote();
    await expect(failing).rejects.toThrow(RangeError);
    await expect(failing).rejects.toThrow("on purpose");
  });

  it("is called so by other Functions too", async () => {
    expect(await RemoteFunction.fromName<typeof Long.nested>("long", "nested", { client }).remote(4)).toBe(9);
  });

  it("ends when its caller's signal aborts", async () => {
    const controller = new AbortController();
    const waits = RemoteFunction.fromName<typeof Long.waits>("long", "waits", { client });
    const call = waits.with({ callId: "aborted", signal: controller.signal }).remote();
    call.catch(() => undefined);
    const callId = await idOf("waits", "aborted");
    await vi.waitFor(async () => expect(await backend.calls.status(callId)).toMatchObject({ state: "running" }), 20_000);
    controller.abort();
    await expect(call).rejects.toThrow(InputCancelledError);
    await vi.waitFor(async () => expect(await backend.calls.status(callId)).toMatchObject({ state: "cancelled" }), 20_000);
  });

  it("streams as every generator does", async () => {
    const found: number[] = [];
    for await (const item of RemoteFunction.fromName<typeof Long.items>("long", "items", { client }).remoteGen(3)) found.push(item);
    expect(found).toEqual([0, 1, 2]);
  });
});
