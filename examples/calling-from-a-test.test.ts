// An App in a test: the same processes, codec and limits as `tenon run`.
//
//   npx vitest run --root examples
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestRun, runForTest } from "tenon/testing";
import { app, PaymentDeclined, pay } from "./errors.ts";

let run: TestRun;
beforeAll(async () => {
  run = await runForTest(app);
});
afterAll(() => run.close());

test("a payment within the limit is made", async () => {
  expect(await pay.remote(1_250)).toBe("paid 12.50");
});

test("a payment over the limit is declined", async () => {
  await expect(pay.remote(99_999)).rejects.toThrow(PaymentDeclined);
});
