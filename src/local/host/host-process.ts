import { spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ensureStateFolder } from "../../disk/state-folder.ts";
import { tenonDir } from "../../util/package-dir.ts";
import { hostLogFile } from "../state/log-file.ts";
import { baseEnvironment } from "../workers/worker-environment.ts";

/** A host that this process has started. */
export interface HostProcess {
  /** Why it ended without serving; `null` while it runs, and when another serves in its place. */
  failure(): string | null;
}

/** Lines of what a host wrote that its failure shows. */
const SHOWN_LINES = 3;

/** Starts a host that outlives this process: a process group of its own, its output in a file. */
export function startHostProcess(stateDir: string, environment: string, app: string): HostProcess {
  ensureStateFolder(stateDir, "logs");
  const file = hostLogFile(stateDir, environment, app);
  const output = openSync(file, "a", 0o600);
  const before = fstatSync(output).size;
  let failure: string | null = null;
  const child = spawn(process.execPath, [join(tenonDir(), "dist/host.js"), stateDir, environment, app], {
    cwd: stateDir,
    env: { ...baseEnvironment(), ...hostSettings() },
    detached: true,
    stdio: ["ignore", output, output],
  });
  closeSync(output);
  child.unref();
  child.once("error", (error) => (failure = error.message));
  child.once("exit", (code, signal) => {
    if (code === 0) return;
    const said = readFileSync(file).subarray(before).toString("utf8").trim().split("\n").slice(0, SHOWN_LINES).join("\n");
    failure = `it ended with ${signal ?? `exit code ${String(code)}`}${said === "" ? "" : `: ${said}`}`;
  });
  return { failure: () => failure };
}

// --- Internal helpers ---

/** The settings of Tenon itself that a host takes over from the process that starts it. */
function hostSettings(): Record<string, string> {
  const idle = process.env["TENON_HOST_IDLE_MS"];
  return idle === undefined ? {} : { TENON_HOST_IDLE_MS: idle };
}
