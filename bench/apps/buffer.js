import { App } from "tenon";

export const app = new App("bench-buffer");

export const echo = app.function("echo", { minContainers: 1, maxContainers: 1 }, async (/** @type {Uint8Array} */ bytes) => bytes);
