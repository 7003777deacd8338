import { expect, it } from "vitest";
import { createCredit } from "../../src/channel/credit.ts";

it("lets a window of items go, then waits for more", async () => {
  const credit = createCredit(3);
  expect([credit.take(), credit.take()]).toEqual([undefined, undefined]);
  let went = false;
  const third = credit.take()?.then(() => (went = true));
  await new Promise(setImmediate);
  expect(went).toBe(false);
  credit.give(2);
  await third;
  expect(went).toBe(true);
  expect(credit.take()).toBeUndefined();
  expect(credit.take()).toBeInstanceOf(Promise);
});

it("never waits again once it is open", async () => {
  const credit = createCredit(1);
  const waiting = credit.take();
  credit.open();
  await waiting;
  for (let i = 0; i < 1_000; i++) expect(credit.take()).toBeUndefined();
});
