import { expect, test } from "vitest";
import { app, pay } from "../../fixtures/plain-errors/app.mjs";
import { PaymentDeclined } from "../../fixtures/plain-errors/errors.mjs";

test("a remote error is of its class", async () => {
  const run = await app.run();
  await expect((pay.remote as (cents: number) => Promise<unknown>)(7)).rejects.toBeInstanceOf(PaymentDeclined);
  await run.close();
});
