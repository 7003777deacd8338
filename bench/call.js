// A call of a no-op in a separate process, against tinypool's child processes.
import { Tinypool } from "tinypool";
import { measure, median, secondsFor } from "./harness.js";
import { openBare } from "./peers/bare.js";

const NOOP = new URL("peers/noop.js", import.meta.url).href;
const IN_FLIGHT = 64;
const CALLS = 20_000;
const SINGLE_CALLS = 2_000;

await measure({
  name: "call",
  what: `no-op in one other process, ${IN_FLIGHT} in flight and one at a time`,
  peer: "tinypool",
  metrics: [
    { key: "callsPerSecond", unit: "/s", ratioAtLeast: 4 },
    { key: "p50Microseconds", unit: "µs", ratioAtMost: 0.7 },
  ],
  sides: {
    async tinypool() {
      const pool = new Tinypool({ runtime: "child_process", filename: NOOP, minThreads: 1, maxThreads: 1 });
      return { round: () => round((value) => pool.run(value)), close: () => pool.destroy() };
    },
    // The peer with many tasks sent ahead, which is not its default: shown for reference.
    async "tinypool-64"() {
      const pool = new Tinypool({
        runtime: "child_process",
        filename: NOOP,
        minThreads: 1,
        maxThreads: 1,
        concurrentTasksPerWorker: IN_FLIGHT,
      });
      return { round: () => round((value) => pool.run(value)), close: () => pool.destroy() };
    },
    async tenon() {
      const { app, echo } = await import("./apps/call.js");
      const run = await app.run();
      return { round: () => round((value) => echo.remote(value)), close: () => run.close() };
    },
    async bare() {
      const bare = openBare();
      return { round: () => round((value) => bare.call(value)), close: () => bare.close() };
    },
  },
});

/**
 * @param {(value: number) => Promise<unknown>} call
 * @returns {Promise<Record<string, number>>}
 */
async function round(call) {
  const checked = async (/** @type {number} */ i) => {
    const value = await call(i);
    if (value !== i) throw new TypeError(`call ${i} gave ${String(value)}`);
  };
  const seconds = await secondsFor(CALLS, IN_FLIGHT, checked);
  /** @type {number[]} */
  const microseconds = [];
  for (let i = 0; i < SINGLE_CALLS; i++) {
    const from = performance.now();
    await checked(i);
    microseconds.push((performance.now() - from) * 1_000);
  }
  return { callsPerSecond: CALLS / seconds, p50Microseconds: median(microseconds) };
}
