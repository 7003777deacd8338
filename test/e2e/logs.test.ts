import { describe, expect, it } from "vitest";
import type { TenonEvent } from "tenon";
import * as faults from "../fixtures/faults-app.ts";

type Line = {
  readonly stream: string;
  readonly text: string;
  readonly call: string | undefined;
  readonly input: string | undefined;
  readonly fn: string;
};

/** Runs the App, makes the calls, and gives every line and every result in the order they were seen. */
async function seen(
  body: (note: (text: string) => void) => Promise<void>,
): Promise<{ readonly lines: readonly Line[]; readonly order: readonly string[] }> {
  const lines: Line[] = [];
  const order: string[] = [];
  await using run = await faults.app.run({
    onEvent: (event: TenonEvent) => {
      if (event.code !== "LOG") return;
      lines.push({
        stream: event.record.stream,
        text: event.record.text,
        call: event.record.call,
        input: event.record.input,
        fn: event.record.fn,
      });
      order.push(event.record.text);
    },
  });
  await body((text) => order.push(text));
  await run.close();
  return { lines, order };
}

describe("logs", () => {
  it("carry the record of their call, in order, before its result", async () => {
    const { lines, order } = await seen(async (note) => {
      await faults.talk.with({ callId: "fc-0123456789abcdefABCDEF" }).remote(200);
      note("result");
    });
    expect(order.slice(0, 200)).toEqual(Array.from({ length: 200 }, (_, i) => `line ${i}`));
    expect(order.slice(200)).toEqual(["to stderr", "without an end", "result"]);
    expect(new Set(lines.map((line) => line.call))).toEqual(new Set(["fc-0123456789abcdefABCDEF"]));
    expect(lines.find((line) => line.text === "to stderr")?.stream).toBe("stderr");
  });

  it("of children come before the result of the call that started them, with its record", async () => {
    const { lines, order } = await seen(async (note) => {
      for (const name of ["a", "b", "c"]) {
        await faults.talkNatively.remote(name);
        note(`result ${name}`);
      }
    });
    for (const name of ["a", "b", "c"]) {
      expect(order.indexOf(`out of a child: ${name}`)).toBeGreaterThanOrEqual(0);
      expect(order.indexOf(`out of a child: ${name}`)).toBeLessThan(order.indexOf(`result ${name}`));
      expect(order.indexOf(`err of a child: ${name}`)).toBeLessThan(order.indexOf(`result ${name}`));
    }
    expect(lines.filter((line) => line.call === undefined)).toEqual([]);
  });

  it("of calls at the same time are told apart", async () => {
    const { lines } = await seen(async () => {
      await faults.talk.map([3, 4, 5]).toArray();
    });
    const numbered = lines.filter((line) => line.text.startsWith("line"));
    const inputs = [...new Set(numbered.map((line) => line.input))];
    const counts = inputs.map((input) => numbered.filter((line) => line.input === input).length);
    expect(counts.sort()).toEqual([3, 4, 5]);
  });
});
