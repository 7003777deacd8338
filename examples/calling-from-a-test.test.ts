// An App in a test: the same processes, codec and limits as `tenon run`.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AppRun } from "tenon";
import { app, PaymentDeclined, pay } from "./errors.ts";

let run: AppRun;
beforeAll(async () => {
  run = await app.run();
});
afterAll(() => run.close());

test("a payment within the limit is made", async () => {
  expect(await pay.remote(1_250)).toBe("paid 12.50");
});

test("a payment over the limit is declined with its amount", async () => {
  await expect(pay.remote(99_999)).rejects.toThrow(PaymentDeclined);
});
