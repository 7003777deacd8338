import { availableParallelism } from "node:os";
import { App } from "tenon";

export const app = new App("bench-map");

/** As many containers as the peer has threads: one for each core. */
export const noop = app.function(
  "noop",
  { minContainers: availableParallelism(), maxContainers: availableParallelism() },
  async (/** @type {number} */ value) => value,
);
