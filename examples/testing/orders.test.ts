// Calls the deployed App through an emulated Lambda, DynamoDB and IAM.
//
//   npx vitest run --root examples/testing
import { RemoteFunction } from "tenon";
import { expect, test } from "vitest";
import { total, type ship } from "./orders.ts";

test("an order's total comes from Lambda", async () => {
  expect(await total.remote([5, 7])).toBe(12);
});

test("a Function found by name has its types and keeps Dates", async () => {
  const remote = RemoteFunction.fromName<typeof ship>("orders", "ship");
  expect(await remote.remote({ id: "A-1", at: new Date(2026, 0, 5) })).toBe("A-1 leaves on Mon Jan 05 2026");
});

test("a durable call is a row in DynamoDB until its result is asked for", async () => {
  const call = await total.spawn([1, 2]);
  expect(await call.get({ timeoutMs: 30_000 })).toBe(3);
});
