import { rmSync } from "node:fs";
import { join } from "node:path";
import type * as vitest from "vitest";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { CallsPort } from "../../src/ports/calls.ts";
import { inputOf } from "../../src/testing/contract.ts";
import type { Ending } from "../fixtures/endings-app.ts";
import { makeSharedFolder } from "../helpers/shared-folder.ts";
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
}

/** One queue gives all its messages to one container after another. */
const PROMPT_MS = 60_000;

/**
 * Durable calls: each row of the table, and a container that is poisoned. What is lost runs again, uncounted: it ends well the
 * second time, and that is its first attempt.
 */
export function testDurable({ describe, name, calls, fn, lostMs }: DurableJudge): void {
  describe(`on ${name}`, () => {
    let folder: string;
    const spawn = async (ending: Ending, file?: string): Promise<string> => {
      const input = inputOf(...(file === undefined ? [ending] : [ending, file]));
      return calls().spawn({ app: "endings", name: fn(ending) }, input);
    };
    const started = new Map<Ending, Promise<string>>();
    beforeAll(() => {
      folder = makeSharedFolder();
      // All at once: a message that is lost takes its time to come back.
      for (const { ending, status } of ENDINGS) started.set(ending, spawn(ending, status === "lost" ? join(folder, ending) : undefined));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    it.each(ENDINGS)("$ending: $says", async (row) => {
      const lost = row.status === "lost";
      const outcome = await calls().get(await started.get(row.ending)!, { timeoutMs: lost ? lostMs : PROMPT_MS });
      expectEnding(outcome, lost ? { ...row, status: "succeeded" } : row);
    });

    it("poisoned: a container that can't be trusted starts nothing, and the next call does not wait", async () => {
      const [late, next] = [await spawn("timeout"), await spawn("return")];
      expect((await calls().get(late, { timeoutMs: PROMPT_MS })).status).toBe("timed-out");
      expectEnding(await calls().get(next, { timeoutMs: PROMPT_MS }), ENDINGS[0]!);
      expect(await calls().status(next)).toMatchObject({ attempt: 1 });
    });
  });
}
