import { randomUUID } from "node:crypto";
import type * as vitest from "vitest";
import { beforeAll, expect, it } from "vitest";
import type { CallsPort } from "../../src/ports/calls.ts";
import { inputOf } from "../../src/testing/contract.ts";
import type { Ending } from "../fixtures/endings-app.ts";
import { ENDINGS, expectEnding } from "./endings.ts";

/** Who makes durable calls: the port of the caller, over one judge that has rows, events and queues. */
export interface DurableJudge {
  readonly describe: typeof vitest.describe | typeof vitest.describe.skip;
  readonly name: string;
  readonly calls: () => CallsPort;
  /** The Function for each ending. */
  readonly fn: (ending: Ending) => string;
  /** How long a call may take whose container is lost without a word. */
  readonly lostMs: number;
  /** How long any other may take: one queue gives all its messages to one container after another. */
  readonly promptMs: number;
}

/**
 * Durable calls: each row of the table, and a container that is poisoned. What is lost runs again, uncounted: it ends well the
 * second time, and that is its first attempt. To be called in a `describe` whose `beforeAll` has made what `calls` gives.
 */
export function testDurable({ describe, name, calls, fn, lostMs, promptMs }: DurableJudge): void {
  const spawn = async (ending: Ending, mark?: string): Promise<string> => {
    const input = inputOf(...(mark === undefined ? [ending] : [ending, mark]));
    return calls().spawn({ app: "endings", name: fn(ending) }, input);
  };
  const started = new Map<Ending, Promise<string>>();
  // All at once, before the tests of all judges: a message that is lost takes its time to come back.
  beforeAll(() => {
    for (const { ending, status } of ENDINGS)
      started.set(ending, spawn(ending, status === "lost" ? `${ending} ${randomUUID()}` : undefined));
  });

  describe(`on ${name}`, { timeout: lostMs + 2 * promptMs }, () => {
    it.each(ENDINGS)("$ending: $says", async (row) => {
      const lost = row.status === "lost";
      const outcome = await calls().get(await started.get(row.ending)!, { timeoutMs: lost ? lostMs : promptMs });
      expectEnding(outcome, lost ? { ...row, status: "succeeded" } : row);
    });

    it("poisoned: a container that can't be trusted starts nothing, and the next call does not wait", async () => {
      const [late, next] = [await spawn("timeout"), await spawn("return")];
      expect((await calls().get(late, { timeoutMs: promptMs })).status).toBe("timed-out");
      expectEnding(await calls().get(next, { timeoutMs: promptMs }), ENDINGS[0]!);
      expect(await calls().status(next)).toMatchObject({ attempt: 1 });
    });
  });
}
