import type * as vitest from "vitest";
import { expect, it } from "vitest";
import type { EncodedValue } from "../../src/model/encoded.ts";
import type { AttemptResult } from "../../src/model/outcome.ts";
import type { FunctionsPort } from "../../src/ports/functions.ts";
import { inputOf } from "../../src/testing/contract.ts";
import { decode } from "../../src/wire/codec.ts";
import { ENDINGS, expectEnding } from "./endings.ts";

/** Who is asked: the port of the caller, over one judge. */
export interface AttemptJudge {
  readonly describe: typeof vitest.describe | typeof vitest.describe.skip;
  readonly name: string;
  readonly functions: () => FunctionsPort;
  /** Whether items reach the caller while the stream goes on; one that has it whole loses them with the process. */
  readonly streams: boolean;
}

const APP = "endings";
/** More than an earlier test has left environments. */
const AT_ONCE = 4;

/** Single attempts by `Invoke` and by `InvokeWithResponseStream`: each row of the table, and a container that is poisoned. */
export function testAttempts({ describe, name, functions, streams }: AttemptJudge): void {
  const invoke = (...args: unknown[]): Promise<AttemptResult> => functions().invoke({ app: APP, name: "call" }, inputOf(...args));
  const drain = async (...args: unknown[]): Promise<{ items: unknown[]; result: AttemptResult }> => {
    const items: unknown[] = [];
    const stream: AsyncGenerator<EncodedValue, AttemptResult, void> = functions().stream({ app: APP, name: "items" }, inputOf(...args));
    for (;;) {
      const next = await stream.next();
      if (next.done === true) return { items, result: next.value };
      items.push(decode(next.value));
    }
  };
  /** Until no container is left that an earlier test has poisoned. */
  const settled = async (attempt: () => Promise<AttemptResult>): Promise<AttemptResult> => {
    for (;;) {
      const result = await attempt();
      if (result.status !== "not-started") return result;
    }
  };

  describe(`on ${name}, an invocation`, () => {
    it.each(ENDINGS)("$ending: $says", async (row) => {
      expectEnding(await settled(() => invoke(row.ending)), row);
    });

    it("poisoned: a container that can't be trusted starts nothing, and the input is not lost", async () => {
      await settled(() => invoke("return"));
      expect((await invoke("timeout")).status).toBe("timed-out");
      // So many that the poisoned one is among those that get one.
      const results = await Promise.all(Array.from({ length: AT_ONCE }, () => invoke("return")));
      expect(results).toContainEqual(expect.objectContaining({ status: "not-started", retryAfterMs: 0 }));
      expect((await invoke("return")).status).toBe("succeeded");
    });
  });

  describe(`on ${name}, a stream`, () => {
    it.each(ENDINGS)("$ending: $says", async (row) => {
      let items: unknown[] = [];
      const result = await settled(async () => {
        const drained = await drain(row.ending);
        items = drained.items;
        return drained.result;
      });
      expectEnding(result, row);
      const answered = row.ending === "return" || row.ending === "throw" || row.ending === "timeout";
      expect(items).toEqual(streams || answered ? ["first"] : []);
    });

    it("poisoned: a container that can't be trusted starts nothing, and the input is not lost", async () => {
      await settled(async () => (await drain("return")).result);
      expect((await drain("timeout")).result.status).toBe("timed-out");
      const drained = await Promise.all(Array.from({ length: AT_ONCE }, () => drain("return")));
      expect(drained).toContainEqual({ items: [], result: expect.objectContaining({ status: "not-started" }) as object });
      expect((await drain("return")).result.status).toBe("succeeded");
    });
  });
}
