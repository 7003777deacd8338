// `map` over no-ops in processes, against piscina's threads.
import { availableParallelism } from "node:os";
import { Piscina } from "piscina";
import { measure } from "./harness.js";

const INPUTS = 10_000;

await measure({
  name: "map",
  what: `map over ${INPUTS.toLocaleString("en")} no-ops, warm, ${availableParallelism()} workers`,
  peer: "piscina",
  metrics: [
    { key: "callsPerSecond", unit: "/s", ratioAtLeast: 2 },
    { key: "firstMs", unit: "ms", atMost: 5 },
  ],
  sides: {
    async piscina() {
      const threads = availableParallelism();
      const pool = new Piscina({ filename: new URL("peers/noop.js", import.meta.url).href, minThreads: threads, maxThreads: threads });
      return { round: () => round((values) => inOrder(values.map((value) => pool.run(value)))), close: () => pool.close({ force: true }) };
    },
    async tenon() {
      const { app, noop } = await import("./apps/map.js");
      const run = await app.run();
      return { round: () => round((values) => noop.map(values)), close: () => run.close() };
    },
  },
});

/**
 * @param {(values: number[]) => AsyncIterable<unknown>} map
 * @returns {Promise<Record<string, number>>}
 */
async function round(map) {
  const values = Array.from({ length: INPUTS }, (_, index) => index);
  const from = performance.now();
  let firstMs = Number.NaN;
  let count = 0;
  for await (const value of map(values)) {
    if (count === 0) firstMs = performance.now() - from;
    if (value !== count++) throw new TypeError(`result ${count - 1} is ${String(value)}`);
  }
  const seconds = (performance.now() - from) / 1_000;
  if (count !== INPUTS) throw new TypeError(`${count} results of ${INPUTS}`);
  return { callsPerSecond: INPUTS / seconds, firstMs };
}

/**
 * @param {Promise<unknown>[]} promises
 */
async function* inOrder(promises) {
  for (const promise of promises) yield await promise;
}
