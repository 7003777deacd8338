import { describe, expect, test } from "vitest";
import { createInterruption } from "../../src/cli/kit/interruption.ts";

function setUp(): { said: string[]; exits: number[]; interruption: ReturnType<typeof createInterruption> } {
  const said: string[] = [];
  const exits: number[] = [];
  return { said, exits, interruption: createInterruption({ exit: (code) => void exits.push(code), say: (text) => void said.push(text) }) };
}
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("a stop", () => {
  test("closes what is held, newest first, then exits", async () => {
    const { said, exits, interruption } = setUp();
    const closed: string[] = [];
    for (const name of ["backend", "run"]) interruption.hold({ close: async () => void closed.push(name) });
    interruption.stop(130, "stopping…");
    expect([interruption.signal.aborted, exits]).toEqual([true, []]);
    await settled();
    expect({ said, closed, exits }).toEqual({ said: ["stopping…"], closed: ["run", "backend"], exits: [130] });
  });

  test("exits although something cannot be closed", async () => {
    const { exits, interruption } = setUp();
    interruption.hold({ close: () => Promise.reject(new RangeError("no")) });
    interruption.stop(143);
    await settled();
    expect(exits).toEqual([143]);
  });

  test("asked for twice kills what is left and exits at once", () => {
    const { exits, interruption } = setUp();
    let killed = 0;
    interruption.hold({ close: () => new Promise(() => {}), kill: () => void killed++ });
    interruption.stop(130);
    interruption.stop(130);
    expect([killed, exits]).toEqual([1, [130]]);
  });

  test("leaves alone what was released", async () => {
    const { exits, interruption } = setUp();
    let closed = 0;
    interruption.hold({ close: async () => void closed++ })();
    interruption.stop(130);
    await settled();
    expect([closed, exits]).toEqual([0, [130]]);
  });

  test("ends what is made after it at once", () => {
    const { interruption } = setUp();
    let closed = 0;
    interruption.stop(130);
    interruption.hold({ close: async () => void closed++ });
    expect(closed).toBe(1);
  });
});
