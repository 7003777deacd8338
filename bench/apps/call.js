// The App that the scripts in this folder call. JavaScript, since they import it on Node 20.
import { App } from "tenon";

export const app = new App("bench-call");

/** One container and no more: as many processes as the peer has. */
export const echo = app.function("echo", { minContainers: 1, maxContainers: 1 }, async (/** @type {number} */ value) => value);
