import { App } from "tenon";

export const app = new App("bench-memory");

/** Tells where it runs, so that the script can weigh the process. */
export const whereabouts = app.function("whereabouts", { minContainers: 1, maxContainers: 1 }, async () => process.pid);
