import { spawn } from "node:child_process";
import { openOwnerRecord } from "../../../src/local/workers/owner-record.ts";

// The worker leads its own group and has a child, as a container has that runs a command.
const record = openOwnerRecord(process.argv[2]!);
const script = `const c = require("node:child_process").spawn("sleep", ["600"]); console.log(c.pid); setInterval(() => {}, 1000)`;
const worker = spawn(process.execPath, ["-e", script], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
record.addWorker(worker.pid!);
worker.stdout.once("data", (line: Buffer) => process.send!({ kind: "started", worker: worker.pid, child: Number(line.toString()) }));
