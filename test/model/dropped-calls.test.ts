import { expect, it } from "vitest";
import { describeDroppedCalls } from "../../src/model/dropped-calls.ts";

const calls = (count: number) => Array.from({ length: count }, (_, n) => ({ call: `fc-${n}`, fn: "add" }));

it("names few dropped calls and counts the others", () => {
  expect(describeDroppedCalls({ app: "shop", count: 1, calls: calls(1) }).message).toBe(
    'The run of App "shop" has ended and cancelled a spawned call that had no outcome: fc-0 (add).',
  );
  expect(describeDroppedCalls({ app: "shop", count: 100, calls: calls(20) }).message).toBe(
    'The run of App "shop" has ended and cancelled 100 spawned calls that had no outcome: fc-0 (add), fc-1 (add), fc-2 (add), fc-3 (add), fc-4 (add) and 95 more.',
  );
});
