import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulatedAws } from "../helpers/emulator.ts";
import { deployDurable, type DurableForTest } from "../helpers/lambda/durable.ts";
import { findRie } from "../helpers/lambda/rie.ts";
import { testDurable } from "./durable.ts";

// AWS's own code says how a container ended; rows and queues are the emulated account's.
const aws = await emulatedAws();
const rie = await findRie();
// Skipped: without what builds either; `emulatedAws` and `findRie` have said so.
const described = aws.missing || rie.missing ? describe.skip : describe;

described("the endings table of durable calls", () => {
  let durable: DurableForTest;
  beforeAll(async () => {
    durable = await deployDurable(aws.account, "endings", join(import.meta.dirname, "../fixtures/endings-app.ts"), rie.start);
  }, 90_000);
  afterAll(() => durable?.close());

  testDurable({
    describe,
    name: "AWS's runtime emulator, an event",
    calls: () => durable.calls,
    fn: () => "event",
    lostMs: 60_000,
    promptMs: 60_000,
  });
  testDurable({
    describe,
    name: "AWS's runtime emulator, a queue",
    calls: () => durable.calls,
    fn: (ending) => (ending === "abort" || ending === "memory" || ending === "killed" ? `queued-${ending}` : "queued"),
    // Its message comes back 30 s after Lambda's own timeout of 15 s.
    lostMs: 90_000,
    promptMs: 60_000,
  });

  describe("a container on AWS's runtime emulator that a queue feeds", () => {
    it.each(["queued", "queued-abort", "queued-memory", "queued-killed"])("leaves no message in the queue of %s", async (fn) => {
      await expect.poll(() => durable.messages(fn), { timeout: 30_000 }).toEqual([0, 0]);
    });
  });
});
