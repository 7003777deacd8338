// A 64 MiB Buffer to another process and back, against a fork with advanced serialization.
import { measure } from "./harness.js";
import { openFork } from "./peers/fork.js";

const MIB = 1_024 * 1_024;
const BYTES = 64 * MIB;
const TRIPS = 3;

await measure({
  name: "buffer",
  what: `${BYTES / MIB} MiB to another process and back`,
  peer: "fork",
  metrics: [{ key: "roundTripMs", unit: "ms", ratioAtMost: 1.2 }],
  sides: {
    async fork() {
      const fork = openFork("advanced");
      return { round: () => round((bytes) => fork.call(bytes)), close: () => fork.close() };
    },
    async tenon() {
      const { app, echo } = await import("./apps/buffer.js");
      const run = await app.run();
      return { round: () => round((bytes) => echo.remote(bytes)), close: () => run.close() };
    },
  },
});

/**
 * @param {(bytes: Buffer) => Promise<unknown>} call
 * @returns {Promise<Record<string, number>>}
 */
async function round(call) {
  const bytes = Buffer.alloc(BYTES, "every byte is looked at once, at the end. ");
  let milliseconds = 0;
  for (let trip = 0; trip < TRIPS; trip++) {
    bytes.writeUInt32LE(trip, BYTES - 4);
    const from = performance.now();
    const back = await call(bytes);
    milliseconds += performance.now() - from;
    if (!(back instanceof Uint8Array) || !bytes.equals(back)) throw new TypeError("the bytes that came back are others");
  }
  return { roundTripMs: milliseconds / TRIPS };
}
