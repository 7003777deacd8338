// The process that serves a deployed App: started on demand by host-client.ts as
// `node dist/host.js <state folder> <environment> <app>`, with its output in a file.
import { DEFAULT_IDLE_MS, runHost } from "./host.ts";

const [stateDir = "", environment = "", app = ""] = process.argv.slice(2);
const idle = Number(process.env["TENON_HOST_IDLE_MS"] ?? DEFAULT_IDLE_MS);

// What runs is lost and runs again under the next host: its rows say so.
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => process.exit(1));

runHost({ stateDir, environment, app, idleMs: Number.isFinite(idle) && idle >= 0 ? idle : DEFAULT_IDLE_MS }).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exit(1);
  },
);
