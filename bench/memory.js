// Resident memory of a worker that has served one call and waits, against a bare fork that did the same.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { measure } from "./harness.js";
import { openFork } from "./peers/fork.js";

const SETTLE_MS = 1_500;
const KIB_PER_MIB = 1_024;

await measure({
  name: "memory",
  what: "resident memory of an idle worker, after one call",
  peer: "fork",
  metrics: [{ key: "rssMiB", unit: "MiB", ratioAtMost: 1.3 }],
  sides: {
    // A new process in each round: the memory of one process stays the same.
    fork: async () => ({
      async round() {
        const fork = openFork("json");
        await fork.call(1);
        return weigh(fork.pid, () => fork.close());
      },
      close: async () => undefined,
    }),
    async tenon() {
      const { app, whereabouts } = await import("./apps/memory.js");
      return {
        async round() {
          const run = await app.run();
          return weigh(await whereabouts.remote(), () => run.close());
        },
        close: async () => undefined,
      };
    },
  },
});

/**
 * @param {number} pid
 * @param {() => Promise<unknown>} close
 */
async function weigh(pid, close) {
  await sleep(SETTLE_MS);
  const rssMiB = rssKiB(pid) / KIB_PER_MIB;
  await close();
  return { rssMiB };
}

/** @param {number} pid */
function rssKiB(pid) {
  if (process.platform === "linux") return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  return Number(execFileSync("ps", ["-o", "rss=", "-p", String(pid)], { encoding: "utf8" }));
}
